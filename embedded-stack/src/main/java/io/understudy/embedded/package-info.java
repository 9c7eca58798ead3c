/** A broker and a schema registry on one machine, without an installation. */
package io.understudy.embedded;

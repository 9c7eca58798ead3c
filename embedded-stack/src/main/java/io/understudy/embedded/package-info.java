/** A broker and a schema registry on one machine, without anything installed. */
package io.understudy.embedded;

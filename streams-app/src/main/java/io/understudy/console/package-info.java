/** The console: an API and a page over the control topics. It keeps nothing that is not on them. */
package io.understudy.console;

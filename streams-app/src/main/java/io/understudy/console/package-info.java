/** The console: an API and a web page over the control topics. It has no state that is not on these topics. */
@NullMarked
package io.understudy.console;

import org.jspecify.annotations.NullMarked;

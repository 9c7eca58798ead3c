/** Calls to other programs by HTTP: which hosts may be called, how long a call may take, how long an answer may be. */
@NullMarked
package io.understudy.outbound;

import org.jspecify.annotations.NullMarked;

/**
 * Parts that several roles share: the table of deployment states, a processor with final fields, a hook before each
 * commit, and a signal to stop a thread.
 */
@NullMarked
package io.understudy.streams;

import org.jspecify.annotations.NullMarked;

/**
 * The codes of every reason that Understudy gives: for a verdict, for a step of a rollout, for a command it does not
 * follow.
 */
@NullMarked
package io.understudy.reason;

import org.jspecify.annotations.NullMarked;

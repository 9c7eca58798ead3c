/**
 * Evidence in, verdicts out. {@link io.understudy.judging.JudgedStage} is the way in: it takes a snapshot of the
 * evidence, asks the {@code Judge} for a finding with a reason code and facts, and reports both. {@code ReasonText}
 * alone writes the words.
 */
@NullMarked
package io.understudy.judging;

import org.jspecify.annotations.NullMarked;

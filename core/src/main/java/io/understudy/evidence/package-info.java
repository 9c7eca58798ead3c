/**
 * Counts in, evidence out. {@link io.understudy.evidence.WindowCounts} holds what was observed in one window,
 * {@link io.understudy.evidence.StageEvidence} accumulates the windows of a stage, and
 * {@link io.understudy.evidence.StageSnapshot} is what the judge reads. The evidence is a pure function of the sequence
 * of windows. This package has no verdicts and no Kafka.
 */
@NullMarked
package io.understudy.evidence;

import org.jspecify.annotations.NullMarked;

/**
 * The statistics of a comparison: immutable, mergeable states in, evidence out. Plain Java that knows nothing of Kafka, rollouts
 * or records. Throughout, {@code NaN} is an undefined number, and an undefined log e-value is 0: no evidence, never a win or a
 * loss.
 */
package io.understudy.statistics;

/**
 * The statistics of a comparison: mergeable states in, evidence out. Plain Java without Kafka, rollouts or records. In
 * every class, {@code NaN} is an undefined number, and an undefined log e-value is 0: no evidence for either side.
 *
 * <p>In formulas and in the names of variables, {@code a} is the existing model, {@code b} the candidate, {@code n} a
 * number of observations and {@code v} a variance: {@code na}, {@code vb}.
 */
@NullMarked
package io.understudy.statistics;

import org.jspecify.annotations.NullMarked;

package io.understudy.analysis;

import io.understudy.schema.Arm;

/**
 * One row of recorded data.
 *
 * @param time when it was, milliseconds since 1970
 * @param arm the arm; null for a row of pairs
 * @param key the unit's key
 * @param existing by metric: the existing model's values of a pair, or the row's own; NaN where there is none
 * @param candidate by metric: the candidate's values of a pair; null without pairs
 */
record Observation(long time, Arm arm, String key, double[] existing, double[] candidate) {}

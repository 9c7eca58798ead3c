package io.understudy.analysis;

import io.understudy.schema.Arm;

/** One row of recorded data. */
sealed interface Observation {

    /** The time of the row, in milliseconds since 1970. */
    long time();

    /** The same row at another time. */
    Observation at(long newTime);

    /** The key of the unit. */
    String key();

    /**
     * A row of one arm.
     *
     * @param arm the arm
     * @param values the values by metric; NaN for a missing value
     */
    record Single(long time, Arm arm, String key, double[] values) implements Observation {
        @Override
        public Observation at(long newTime) {
            return new Single(newTime, arm, key, values);
        }
    }

    /**
     * A row of both models' answers to the same request.
     *
     * @param existing the existing model's values by metric; NaN for a missing value
     * @param candidate the candidate's values by metric; NaN for a missing value
     */
    record Pair(long time, String key, double[] existing, double[] candidate) implements Observation {
        @Override
        public Observation at(long newTime) {
            return new Pair(newTime, key, existing, candidate);
        }
    }
}

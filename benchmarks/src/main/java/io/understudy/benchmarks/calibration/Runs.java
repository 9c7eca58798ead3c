package io.understudy.benchmarks.calibration;

/**
 * How many rollouts are simulated.
 *
 * @param rates for the rate of an error
 * @param medians for the median time to a decision, which needs fewer
 */
record Runs(int rates, int medians) {

    /** The number for a row whose rollouts are {@code times} as long as others. */
    int ratesOfLong(int times) {
        return Math.max(1, rates / times);
    }

    /** The number for a row whose rollouts are {@code times} as long as others. */
    int mediansOfLong(int times) {
        return Math.max(1, medians / times);
    }
}

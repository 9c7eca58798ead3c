package io.understudy.evidence;

/** Losses of one answer. */
final class Losses {

    /** Smaller probabilities count as this one, so that a single certain mistake does not outweigh everything else. */
    private static final double MIN_PROBABILITY = 1e-15;

    private Losses() {}

    /** The negative logarithm of the probability of what happened. */
    static double log(double probability) {
        return -Math.log(Math.max(MIN_PROBABILITY, probability));
    }

    static double square(double error) {
        return error * error;
    }

    static double oneOrZero(boolean value) {
        return value ? 1 : 0;
    }
}

package io.understudy.statistics;

/**
 * Successes among units, in both arms: a 2x2 table.
 *
 * @param existingUnits units of the existing model, at least 0
 * @param existingSuccesses successes among them
 * @param candidateUnits units of the candidate, at least 0
 * @param candidateSuccesses successes among them
 */
public record TwoByTwoTable(long existingUnits, long existingSuccesses, long candidateUnits, long candidateSuccesses) {

    /** Nobody. */
    public static final TwoByTwoTable NONE = new TwoByTwoTable(0, 0, 0, 0);

    public TwoByTwoTable {
        if (existingSuccesses < 0 || existingSuccesses > existingUnits) {
            throw new IllegalArgumentException(
                    "existing has " + existingSuccesses + " successes among " + existingUnits + " units");
        }
        if (candidateSuccesses < 0 || candidateSuccesses > candidateUnits) {
            throw new IllegalArgumentException(
                    "candidate has " + candidateSuccesses + " successes among " + candidateUnits + " units");
        }
    }

    /** Both together. Only tables of one window may be merged: between windows the base rate may drift. */
    public TwoByTwoTable merge(TwoByTwoTable other) {
        return new TwoByTwoTable(
                existingUnits + other.existingUnits,
                existingSuccesses + other.existingSuccesses,
                candidateUnits + other.candidateUnits,
                candidateSuccesses + other.candidateSuccesses);
    }

    /** Successes in both arms. */
    public long successes() {
        return existingSuccesses + candidateSuccesses;
    }

    /** The existing model's rate; NaN without units. */
    public double existingRate() {
        return existingUnits == 0 ? Double.NaN : (double) existingSuccesses / existingUnits;
    }

    /** The candidate's rate; NaN without units. */
    public double candidateRate() {
        return candidateUnits == 0 ? Double.NaN : (double) candidateSuccesses / candidateUnits;
    }
}

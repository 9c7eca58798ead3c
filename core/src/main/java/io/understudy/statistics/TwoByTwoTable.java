package io.understudy.statistics;

/**
 * Units and successes in both arms: a 2x2 table.
 *
 * @param existingUnits units of the existing model, at least 0
 * @param existingSuccesses the existing model's successes, at most its units
 * @param candidateUnits units of the candidate, at least 0
 * @param candidateSuccesses the candidate's successes, at most its units
 */
public record TwoByTwoTable(long existingUnits, long existingSuccesses, long candidateUnits, long candidateSuccesses) {

    /** No units. */
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

    /** The sum of both tables. Merge only tables of the same window: the base rate may drift between windows. */
    public TwoByTwoTable merge(TwoByTwoTable other) {
        return new TwoByTwoTable(
                existingUnits + other.existingUnits,
                existingSuccesses + other.existingSuccesses,
                candidateUnits + other.candidateUnits,
                candidateSuccesses + other.candidateSuccesses);
    }

    /** The successes of both arms. */
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

package io.understudy.statistics;

/** The differences that a test looks for. A difference is the candidate's value minus the existing model's. */
public enum Side {
    /** The candidate is higher or lower. */
    BOTH,
    /** The candidate is higher. */
    GREATER,
    /** The candidate is lower. */
    LESS;

    /** The opposite side; BOTH stays BOTH. */
    public Side opposite() {
        return switch (this) {
            case BOTH -> BOTH;
            case GREATER -> LESS;
            case LESS -> GREATER;
        };
    }
}

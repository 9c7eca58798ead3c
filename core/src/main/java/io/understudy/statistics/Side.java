package io.understudy.statistics;

/** Which differences a test looks for; a difference is the candidate's value minus the existing model's. */
public enum Side {
    /** Either way. */
    BOTH,
    /** The candidate is higher. */
    GREATER,
    /** The candidate is lower. */
    LESS;

    /** The other way round; both ways stay both. */
    public Side opposite() {
        return switch (this) {
            case BOTH -> BOTH;
            case GREATER -> LESS;
            case LESS -> GREATER;
        };
    }
}

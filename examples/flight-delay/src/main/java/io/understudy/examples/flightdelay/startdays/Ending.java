package io.understudy.examples.flightdelay.startdays;

import java.util.Optional;

/**
 * How a rollout ended.
 *
 * @param status the end
 * @param stage the stage in which it ended, from 0
 * @param code the code of the last ruling; empty if the data ended before the first
 * @param shadowDays days of flights until the first stage passed; empty if it did not
 * @param days days of flights until the end
 * @param flights flights until the end
 * @param existingBrier Brier score of the existing model on these flights
 * @param candidateBrier Brier score of the candidate on these flights
 */
record Ending(
        Status status,
        int stage,
        Optional<String> code,
        Optional<Double> shadowDays,
        double days,
        int flights,
        double existingBrier,
        double candidateBrier) {

    /** The end of a rollout. */
    enum Status {
        PROMOTED,
        ABORTED,
        /** An operator must decide. */
        HELD,
        /** The rollout was still running when its days of data were over. */
        UNDECIDED
    }
}

package io.understudy.simulation;

import java.util.List;
import java.util.Optional;

/**
 * The true behaviour of both models in one metric.
 *
 * @param existing distribution of the existing model's observations
 * @param candidate distribution of the candidate's observations
 * @param changes when a model changes; of those that have begun, the last in the list counts for each model
 * @param effectByCycle how the candidate differs from one cycle to the next; empty if it does not
 * @param lostExisting which of the existing model's outcomes never arrive
 * @param lostCandidate which of the candidate's outcomes never arrive
 */
record MetricTruth(
        Distribution existing,
        Distribution candidate,
        List<Change> changes,
        Optional<EffectByCycle> effectByCycle,
        Lost lostExisting,
        Lost lostCandidate) {

    /**
     * A change of the models at some time.
     *
     * @param stage the stage from which it counts, from 0; empty if it does not depend on the stage
     * @param from the first window with the change, from 0: of that stage or, without one, of the rollout
     * @param existing the existing model from then on; empty if it stays as it is
     * @param candidate the candidate from then on; empty if it stays as it is
     */
    record Change(
            Optional<Integer> stage, int from, Optional<Distribution> existing, Optional<Distribution> candidate) {

        private boolean hasBegun(Moment moment) {
            int since = stage.isEmpty() ? moment.window() : moment.stageWindow();
            return stage.map(required -> moment.stage() > required).orElse(false)
                    || stage.map(required -> moment.stage() == required).orElse(true) && since >= from;
        }
    }

    /**
     * A random shift of the candidate in each cycle, with mean 0: what the candidate gains by on one day, it may lose
     * by on the next.
     *
     * @param windows windows in a cycle
     * @param sd standard deviation of the shift, in the unit of {@code p}, {@code mean} or {@code mu}
     */
    record EffectByCycle(int windows, double sd) {}

    /**
     * Outcomes that never arrive.
     *
     * @param zeros fraction of the outcomes that make an observation of 0, 0 to 1
     * @param others fraction of all other outcomes, 0 to 1
     */
    record Lost(double zeros, double others) {
        static final Lost NONE = new Lost(0, 0);

        double of(double observation) {
            return observation == 0 ? zeros : others;
        }
    }

    /**
     * A window of a rollout.
     *
     * @param stage the stage, from 0
     * @param stageWindow windows of the stage before it
     * @param window windows of the rollout before it
     */
    record Moment(int stage, int stageWindow, int window) {}

    /** The existing model's distribution at {@code moment}. */
    Distribution existingAt(Moment moment) {
        Distribution now = existing;
        for (Change change : changes) {
            now = change.hasBegun(moment) ? change.existing().orElse(now) : now;
        }
        return now;
    }

    /** The candidate's distribution at {@code moment}, without its shift in this cycle. */
    Distribution candidateAt(Moment moment) {
        Distribution now = candidate;
        for (Change change : changes) {
            now = change.hasBegun(moment) ? change.candidate().orElse(now) : now;
        }
        return now;
    }
}

package io.understudy.evidence;

import io.understudy.statistics.RestartSchedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The evidence about one metric since later starts than the beginning of the stage. It finds harm that comes late nearly
 * as soon as harm that is there at once; {@link RestartSchedule} has the starts, their weights and the reason. The
 * number of starts is bounded: when there are too many, one of the older ones is dropped, the one with the least
 * evidence of harm. Mutable, for one thread.
 */
final class HarmRestarts {

    private final RestartSchedule schedule;
    private final Supplier<MetricEvidence> fresh;
    private final List<Start> starts = new ArrayList<>();

    /**
     * A start.
     *
     * @param window the number of windows of the stage before it, at least 1
     * @param at the time since the beginning of the stage
     * @param evidence the evidence since then
     */
    record Start(long window, Duration at, MetricEvidence evidence) {}

    /**
     * Creates evidence without a start.
     *
     * @param fresh returns evidence without observations
     */
    HarmRestarts(RestartSchedule schedule, Supplier<MetricEvidence> fresh) {
        this.schedule = schedule;
        this.fresh = fresh;
    }

    /**
     * Adds a window.
     *
     * @param window the observations of the window
     * @param number the number of windows before it
     * @param at the time from the beginning of the stage to that of the window
     * @param sinceBeginning the evidence since the beginning, which has absorbed the window already
     * @param logHarm ln E of harm since a start, which decides which start is dropped
     */
    void absorb(
            Tally window,
            long number,
            Duration at,
            MetricEvidence sinceBeginning,
            ToDoubleFunction<MetricEvidence> logHarm) {
        if (number > 0 && schedule.isStart(number)) {
            add(number, at);
        }
        starts.forEach(start -> start.evidence().absorbAfter(sinceBeginning, window));
        if (starts.size() > schedule.mostStarts()) {
            // The newer half stays: it covers the newer half of the stage, and its evidence has had no time to grow.
            starts.stream()
                    .limit(starts.size() / 2)
                    .min(Comparator.comparingDouble(start -> logHarm.applyAsDouble(start.evidence())))
                    .ifPresent(starts::remove);
        }
    }

    /** Adds a start without observations, and returns its evidence. */
    MetricEvidence add(long window, Duration at) {
        Start start = new Start(window, at, fresh.get());
        starts.add(start);
        return start.evidence();
    }

    /** All starts that are kept, the oldest first. */
    List<Start> starts() {
        return starts;
    }

    /** ln of the weight of {@code start}. */
    double logWeight(Start start) {
        return schedule.logWeight(start.window());
    }

    /**
     * The oldest start in the newer half of the stage; empty if there is none.
     *
     * @param windows the number of windows of the stage
     */
    Optional<Start> newerHalf(long windows) {
        return starts.stream().filter(start -> 2 * start.window() >= windows).findFirst();
    }
}

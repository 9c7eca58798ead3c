package io.understudy.routing;

import java.time.Duration;

/**
 * The time by which the candidate's deadlines are called. It stands still while the router does: while its process is
 * frozen, its thread waits for a commit, or its wall clock jumps, no answer can be read, which is not the candidate's
 * fault. It never goes back. For one partition.
 */
final class GuardClock {

    /** The longest time between two records or ticks of a router that works. */
    static final Duration LONGEST_STEP = Duration.ofMillis(200);

    private final long usualStepMillis;
    private long wallClock;
    private long time;

    /**
     * Creates a clock that shows {@code now}.
     *
     * @param usualStep how much time passes at a step that is too long
     */
    GuardClock(long now, Duration usualStep) {
        this.wallClock = now;
        this.time = now;
        this.usualStepMillis = usualStep.toMillis();
    }

    /**
     * Moves on to the wall-clock time {@code now}.
     *
     * @return for how long the clock has stood still, milliseconds
     */
    long moveTo(long now) {
        long step = Math.max(0, now - wallClock);
        wallClock = now;
        if (step <= LONGEST_STEP.toMillis()) {
            time += step;
            return 0;
        }
        time += usualStepMillis;
        return step - usualStepMillis;
    }

    /** The time, milliseconds. It is comparable only with other times of this clock. */
    long time() {
        return time;
    }
}

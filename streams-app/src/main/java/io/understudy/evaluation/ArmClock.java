package io.understudy.evaluation;

import io.understudy.schema.Arm;
import java.util.Arrays;

/**
 * How far time has come in each arm of a rollout whose candidate is served, by the requests' own times, in one partition.
 *
 * <p>The arms' answers come on one topic, but not by one way: the candidate's pass the guard, and wait there for as long as its deadline
 * when they do not come. A window that closed as soon as the existing model's answers have passed its end would always lack the
 * candidate's last ones, and units would seem not to arrive as the shares say. So a window waits for both arms, and for the candidate's
 * deadline on top of that. An arm that is silent while the other speaks is waited for a good while, because a way may be blocked for a
 * time; one that is silent with the other is waited for no longer than its last answers could still take.
 */
final class ArmClock {

    /** A small share has pauses, and a scorer that is killed is back in about so many times the silence of a topic. */
    private static final int PATIENCE = 15;

    private final long[] latest;
    private final long[] heardAt = new long[2];
    private final long silenceMillis;
    private final long deadlineMillis;

    /**
     * @param latest highest time of a request by arm, the existing model's first, as it was kept
     * @param silenceMillis how long a topic may bring nothing and still be waited for
     * @param deadlineMillis how long the candidate's answers may take
     * @param waitFrom the wall clock's time from which silence is counted
     */
    ArmClock(long[] latest, long silenceMillis, long deadlineMillis, long waitFrom) {
        this.latest = latest.clone();
        this.silenceMillis = silenceMillis;
        this.deadlineMillis = deadlineMillis;
        Arrays.fill(heardAt, waitFrom);
    }

    /** What is to be kept of a clock that has heard nothing. */
    static long[] never() {
        return new long[] {WindowClock.NEVER, WindowClock.NEVER};
    }

    /**
     * Hears an answer.
     *
     * @param arm the arm it counts for
     * @param time its request's time
     * @param now the wall clock's time
     * @param width width of the windows
     * @return the time that it counts for: its own, unless its arm has closed that window
     */
    long hear(Arm arm, long time, long now, long width) {
        int index = arm == Arm.CANDIDATE ? 1 : 0;
        long before = reached(index);
        latest[index] = Math.max(latest[index], time);
        heardAt[index] = Math.max(heardAt[index], now);
        return WindowClock.timeIn(time, before, width);
    }

    private long reached(int index) {
        return latest[index] == WindowClock.NEVER || index == 0 ? latest[index] : latest[index] - deadlineMillis;
    }

    /** Up to which time the answers of both arms have come in, by the requests' times alone. */
    long completeTo() {
        return Math.min(reached(0), reached(1));
    }

    /** The same, without waiting for arms that are silent; where both are, the wall clock less what answers may take. */
    long completeTo(long now) {
        long pause = silenceMillis + deadlineMillis;
        boolean allQuiet = now - heardAt[0] >= pause && now - heardAt[1] >= pause;
        if (allQuiet) {
            return now - pause;
        }
        long patience = PATIENCE * silenceMillis + deadlineMillis;
        long least = Long.MAX_VALUE;
        for (int index = 0; index < latest.length; index++) {
            if (now - heardAt[index] < patience) {
                least = Math.min(least, reached(index));
            }
        }
        return least;
    }

    /** What is to be kept. */
    long[] latest() {
        return latest.clone();
    }
}

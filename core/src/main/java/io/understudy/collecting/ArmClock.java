package io.understudy.collecting;

import io.understudy.schema.Arm;
import java.util.Arrays;

/**
 * How far time has come in each arm of a rollout whose candidate serves, by the requests' own times, in one partition.
 *
 * <p>Both arms' answers come on one topic, but not by one way: the candidate's answers pass the guard, where a request waits up to its
 * deadline. A window that closed as soon as the existing model's answers have passed its end would always lack the candidate's last
 * ones, and units would seem not to arrive as the shares say. So a window waits for both arms, and for the candidate's deadline on top.
 * An arm that is silent while the other is not is waited for a good while, because its way may be blocked for a time. When both are
 * silent, a window waits no longer than their last answers could take.
 */
final class ArmClock {

    /** A small share has pauses, and a killed scorer is back within about this many times the silence of a source. */
    private static final int PATIENCE = 15;

    private static final int EXISTING = 0;
    private static final int CANDIDATE = 1;

    private final long[] latest = {WindowClock.NEVER, WindowClock.NEVER};
    private final long[] heardAt = new long[2];
    private final long silenceMillis;
    private final long deadlineMillis;

    /**
     * A clock that has seen no answer.
     *
     * @param silenceMillis how long a source may send nothing before it is no longer waited for
     * @param deadlineMillis how long the candidate's answers may take
     * @param waitFrom the wall clock's time from which silence counts
     */
    ArmClock(long silenceMillis, long deadlineMillis, long waitFrom) {
        this.silenceMillis = silenceMillis;
        this.deadlineMillis = deadlineMillis;
        Arrays.fill(heardAt, waitFrom);
    }

    /** Takes up the times that {@link #existingLatest} and {@link #candidateLatest} gave. */
    void restore(long existingLatest, long candidateLatest) {
        latest[EXISTING] = existingLatest;
        latest[CANDIDATE] = candidateLatest;
    }

    /**
     * Notes an answer.
     *
     * @param arm the arm it counts for
     * @param time its request's time
     * @param now the wall clock's time
     * @param width width of the windows
     * @return the time that it counts at: its own, unless its arm has closed that window
     */
    long arrive(Arm arm, long time, long now, long width) {
        int index = arm == Arm.CANDIDATE ? CANDIDATE : EXISTING;
        long before = reached(index);
        latest[index] = Math.max(latest[index], time);
        heardAt[index] = Math.max(heardAt[index], now);
        return WindowClock.countingTime(time, before, width);
    }

    private long reached(int index) {
        return latest[index] == WindowClock.NEVER || index == EXISTING ? latest[index] : latest[index] - deadlineMillis;
    }

    /** Up to which time the answers of both arms have come in, by the requests' times alone. */
    long completeTo() {
        return Math.min(reached(EXISTING), reached(CANDIDATE));
    }

    /** The same, without waiting for silent arms; when both are silent, the wall clock less what answers may take. */
    long completeTo(long now) {
        long pause = silenceMillis + deadlineMillis;
        boolean allSilent = now - heardAt[EXISTING] >= pause && now - heardAt[CANDIDATE] >= pause;
        if (allSilent) {
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

    /** The highest time of a request in the existing model's arm, to be kept. */
    long existingLatest() {
        return latest[EXISTING];
    }

    /** The highest time of a request in the candidate's arm, to be kept. */
    long candidateLatest() {
        return latest[CANDIDATE];
    }
}

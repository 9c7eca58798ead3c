package io.understudy.collecting;

import io.understudy.schema.Arm;
import java.util.Arrays;

/**
 * The progress of time in each arm of a rollout whose candidate serves, in one partition. Time is measured by the
 * requests' own timestamps.
 *
 * <p>The answers of both arms arrive on one topic, but they take different paths: the candidate's answers pass the
 * guard, where a request waits up to its deadline. If a window closed as soon as the existing model's answers had
 * passed its end, it would always lack the candidate's last answers, and the ratio of the units in the two arms would
 * seem to differ from the shares. So a window waits for both arms, and also for the candidate's deadline. If one arm is
 * silent while the other is not, the window waits much longer for it, because its path may be blocked for a time. If
 * both arms are silent, a window waits no longer than their last answers could take.
 */
final class ArmClock {

    /**
     * How many times the silence of a source a window waits for one silent arm. A small share has pauses, and a killed
     * scorer is back within about this time.
     */
    private static final int SINGLE_ARM_FACTOR = 15;

    private static final int EXISTING = 0;
    private static final int CANDIDATE = 1;

    private final long[] latest = {WindowClock.NEVER, WindowClock.NEVER};
    private final long[] lastArrival = new long[2];
    private final long silenceMillis;
    private final long deadlineMillis;

    /**
     * Creates a clock without answers.
     *
     * @param silenceMillis how long a source may be silent before windows stop waiting for it
     * @param deadlineMillis how long the candidate's answers may take
     * @param silenceStart wall-clock time from which silence is measured at the earliest
     */
    ArmClock(long silenceMillis, long deadlineMillis, long silenceStart) {
        this.silenceMillis = silenceMillis;
        this.deadlineMillis = deadlineMillis;
        Arrays.fill(lastArrival, silenceStart);
    }

    /** Restores the times that {@link #existingLatest} and {@link #candidateLatest} returned. */
    void restore(long existingLatest, long candidateLatest) {
        latest[EXISTING] = existingLatest;
        latest[CANDIDATE] = candidateLatest;
    }

    /**
     * Records the arrival of an answer.
     *
     * @param arm arm that the answer counts for
     * @param time time of the request
     * @param now wall-clock time
     * @param width width of the windows
     * @return time that the answer counts at: its own time, unless its arm has closed that window
     */
    long recordArrival(Arm arm, long time, long now, long width) {
        int index = arm == Arm.CANDIDATE ? CANDIDATE : EXISTING;
        long before = reached(index);
        latest[index] = Math.max(latest[index], time);
        lastArrival[index] = Math.max(lastArrival[index], now);
        return WindowClock.countingTime(time, before, width);
    }

    private long reached(int index) {
        return latest[index] == WindowClock.NEVER || index == EXISTING ? latest[index] : latest[index] - deadlineMillis;
    }

    /** The time up to which the answers of both arms have arrived, by the requests' timestamps alone. */
    long completeTo() {
        return Math.min(reached(EXISTING), reached(CANDIDATE));
    }

    /**
     * The time up to which the answers of both arms have arrived, without an arm that has been silent for too long. If
     * both arms are silent: the wall clock minus the time that answers may take.
     */
    long completeTo(long now) {
        long pause = silenceMillis + deadlineMillis;
        boolean allSilent = now - lastArrival[EXISTING] >= pause && now - lastArrival[CANDIDATE] >= pause;
        if (allSilent) {
            return now - pause;
        }
        long singleArmPause = SINGLE_ARM_FACTOR * silenceMillis + deadlineMillis;
        long complete = Long.MAX_VALUE;
        for (int index = 0; index < latest.length; index++) {
            if (now - lastArrival[index] < singleArmPause) {
                complete = Math.min(complete, reached(index));
            }
        }
        return complete;
    }

    /** The highest request time in the existing model's arm, to be saved. */
    long existingLatest() {
        return latest[EXISTING];
    }

    /** The highest request time in the candidate's arm, to be saved. */
    long candidateLatest() {
        return latest[CANDIDATE];
    }
}

package io.understudy.examples.flightdelay.demo;

import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import java.util.HashMap;
import java.util.Map;

/** Records which model served each key while the share of the candidate grew. */
final class SplitLog {

    private final Map<String, Arms> keys = new HashMap<>();
    private long servedByCandidate;
    private long fallbacks;

    private static final class Arms {
        private int firstWithCandidate = Integer.MAX_VALUE;
        private int lastWithExisting = Integer.MIN_VALUE;
    }

    /** Counts an answer that was served within a rollout. */
    void count(String key, Prediction prediction) {
        boolean candidate = prediction.getArm() == Arm.CANDIDATE;
        servedByCandidate += candidate ? 1 : 0;
        fallbacks += prediction.getFallback() ? 1 : 0;
        Arms arms = keys.computeIfAbsent(key, absent -> new Arms());
        if (candidate || prediction.getFallback()) {
            arms.firstWithCandidate = Math.min(arms.firstWithCandidate, prediction.getEpoch());
        } else {
            arms.lastWithExisting = Math.max(arms.lastWithExisting, prediction.getEpoch());
        }
    }

    /** The number of served answers of the candidate. */
    long servedByCandidate() {
        return servedByCandidate;
    }

    /** The number of answers of the existing model instead of the candidate. */
    long fallbacks() {
        return fallbacks;
    }

    /**
     * The number of keys that the candidate served first and the existing model served later, in the same or a later
     * stage.
     */
    long switchedBack() {
        return keys.values().stream()
                .filter(arms -> arms.lastWithExisting >= arms.firstWithCandidate)
                .count();
    }
}

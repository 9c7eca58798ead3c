package io.understudy.collecting;

import io.understudy.schema.KeptOutcome;
import io.understudy.schema.PendingRequest;

/**
 * How much is kept of the outcomes of one request. Outcomes of many names wait for the metrics that may read them, and
 * a metric that names no outcome may read any. A stage has at most 63 metrics, which read two outcomes at most.
 */
public final class OutcomeLimits {

    /** The maximum number of outcomes of a request. */
    public static final int MAX_OUTCOMES = 200;

    /** The maximum length of their names and of their values that are text, in characters, together. */
    public static final int MAX_CHARACTERS = 16 * 1024;

    private OutcomeLimits() {}

    static boolean areExceeded(PendingRequest request) {
        if (request.getOutcomes().size() > MAX_OUTCOMES) {
            return true;
        }
        long characters = 0;
        for (KeptOutcome outcome : request.getOutcomes()) {
            characters +=
                    outcome.getName().length() + (outcome.getValue() instanceof CharSequence text ? text.length() : 0);
        }
        return characters > MAX_CHARACTERS;
    }
}

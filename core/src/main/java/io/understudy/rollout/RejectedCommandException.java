package io.understudy.rollout;

import io.understudy.reason.ReasonCode;

/** Thrown for a command that must be rejected. The message says why and what is allowed. */
public final class RejectedCommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode code;

    RejectedCommandException(ReasonCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** The reason as a code. */
    public ReasonCode code() {
        return code;
    }
}

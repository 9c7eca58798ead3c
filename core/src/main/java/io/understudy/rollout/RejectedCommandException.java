package io.understudy.rollout;

import io.understudy.reason.ReasonCode;

/** A command that cannot be followed; says why, and what is allowed. */
public final class RejectedCommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ReasonCode code;

    RejectedCommandException(ReasonCode code, String why) {
        super(why, null, false, false);
        this.code = code;
    }

    /** The code that stands for the reason. */
    public ReasonCode code() {
        return code;
    }
}

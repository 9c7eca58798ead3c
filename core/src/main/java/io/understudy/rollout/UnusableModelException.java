package io.understudy.rollout;

import io.understudy.reason.ReasonCode;

/** Thrown for a model that cannot be scored. The message says what is wrong and what is allowed. */
public final class UnusableModelException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ReasonCode code;

    /** A model that cannot be scored for the reason in {@code message}. */
    public UnusableModelException(String message) {
        this(ReasonCode.MODEL_UNUSABLE, message);
    }

    /** A model that cannot be scored for the reason in {@code message}. */
    public UnusableModelException(String message, Throwable cause) {
        super(message, cause);
        this.code = ReasonCode.MODEL_UNUSABLE;
    }

    /** A model that cannot be scored for the reason in {@code message}, which {@code code} stands for. */
    public UnusableModelException(ReasonCode code, String message) {
        super(message);
        this.code = code;
    }

    /** What a command that names the model is rejected with. */
    public ReasonCode code() {
        return code;
    }
}

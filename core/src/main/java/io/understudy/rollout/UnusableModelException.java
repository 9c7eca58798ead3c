package io.understudy.rollout;

/** Thrown for a model that cannot be scored. The message says what is wrong and what is allowed. */
public final class UnusableModelException extends Exception {

    private static final long serialVersionUID = 1L;

    /** A model that cannot be scored for the reason in {@code message}. */
    public UnusableModelException(String message) {
        super(message);
    }

    /** A model that cannot be scored for the reason in {@code message}. */
    public UnusableModelException(String message, Throwable cause) {
        super(message, cause);
    }
}

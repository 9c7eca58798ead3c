package io.understudy.rollout;

/** A model that cannot be scored; says what is wrong and what is allowed. */
public final class UnusableModelException extends Exception {

    private static final long serialVersionUID = 1L;

    /** A model that cannot be scored, because of what {@code message} says. */
    public UnusableModelException(String message) {
        super(message);
    }

    /** A model that cannot be scored, because of what {@code message} says. */
    public UnusableModelException(String message, Throwable cause) {
        super(message, cause);
    }
}

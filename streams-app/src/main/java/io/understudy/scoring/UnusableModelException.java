package io.understudy.scoring;

/** A model that cannot be scored; says what is wrong and what is allowed. */
public final class UnusableModelException extends Exception {

    private static final long serialVersionUID = 1L;

    UnusableModelException(String message) {
        super(message);
    }

    UnusableModelException(String message, Throwable cause) {
        super(message, cause);
    }
}

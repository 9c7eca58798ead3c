package io.understudy.registry;

/** Bytes that are no record of the expected type, and never will be. */
public final class UndecodableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UndecodableException(String message, Throwable cause) {
        super(message, cause);
    }
}

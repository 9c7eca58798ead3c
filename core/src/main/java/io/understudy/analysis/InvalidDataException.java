package io.understudy.analysis;

/** Thrown for data that cannot be analysed. The message says where, what is wrong and what is allowed. */
public final class InvalidDataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidDataException(String message) {
        super(message);
    }
}

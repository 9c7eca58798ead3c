package io.understudy.analysis;

/** Data that cannot be analysed; says where, what is wrong and what is allowed. */
public final class InvalidDataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidDataException(String message) {
        super(message);
    }
}

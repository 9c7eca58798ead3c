package io.understudy.registry;

import org.jspecify.annotations.Nullable;

/** Bytes that are not a record of the expected type. A retry does not help. */
public final class UndecodableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UndecodableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

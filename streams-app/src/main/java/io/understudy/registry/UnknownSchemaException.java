package io.understudy.registry;

import org.jspecify.annotations.Nullable;

/** The registry answered that it does not have the schema. */
public final class UnknownSchemaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownSchemaException(int id, @Nullable Throwable cause) {
        super("the schema registry has no schema with id " + id, cause);
    }
}

package io.understudy.registry;

/** The registry answered, and says that it has no such schema. */
public final class UnknownSchemaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownSchemaException(int id, Throwable cause) {
        super("the schema registry has no schema with id " + id, cause);
    }
}

package io.understudy.registry;

import org.jspecify.annotations.Nullable;

/** Bytes that are not a record of the expected type. A retry does not help. */
public final class UndecodableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong with the bytes. */
    public enum Problem {
        /** There are none. */
        NULL_VALUE,
        /** They do not start with a zero byte and a schema id. */
        NOT_AVRO,
        /** The registry does not have an Avro schema with their id. */
        UNKNOWN_SCHEMA,
        /** Their schema is the schema of another record type. */
        WRONG_SCHEMA,
        /** They end early or do not match their schema. */
        MALFORMED
    }

    private final Problem problem;

    UndecodableException(Problem problem, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.problem = problem;
    }

    /** What is wrong with the bytes. */
    public Problem problem() {
        return problem;
    }
}

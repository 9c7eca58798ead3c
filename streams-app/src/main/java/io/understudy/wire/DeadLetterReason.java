package io.understudy.wire;

import java.util.Locale;

/** Why a record could not be used. */
public enum DeadLetterReason {
    /** The record has no value. */
    NULL_VALUE,
    /** The value does not start with a zero byte and a schema id. */
    NOT_AVRO,
    /** The registry does not have a schema with the value's id. */
    UNKNOWN_SCHEMA,
    /** The schema of the value is the schema of another record type. */
    WRONG_SCHEMA,
    /** The value ends early or does not match its schema, or the routing header is missing or malformed. */
    MALFORMED,
    /** The request has no identifier, so it cannot be answered. */
    EMPTY_REQUEST_ID,
    /** The identifier or the key of the request is too long for an answer. */
    TOO_LARGE,
    /** The request of the outcome has as many outcomes as are kept already, or the outcome is too long. */
    TOO_MANY_OUTCOMES,
    /** The record's key is not the deployment that its value names. */
    WRONG_KEY,
    /** A defect in this program, which the record triggered. */
    INTERNAL_ERROR,
    /** Threads failed at the record again and again. */
    REPEATED_FAILURE;

    /** The name of the reason in headers and meters. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

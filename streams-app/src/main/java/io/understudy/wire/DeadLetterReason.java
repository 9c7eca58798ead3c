package io.understudy.wire;

import java.util.Locale;

/** Why a record could not be used. */
public enum DeadLetterReason {
    /** There is no value. */
    NULL_VALUE,
    /** The value does not begin with a zero and a schema id. */
    NOT_AVRO,
    /** The registry knows no schema with the value's id. */
    UNKNOWN_SCHEMA,
    /** The value's schema is that of another record. */
    WRONG_SCHEMA,
    /** The value ends early, or is not what its schema says. */
    MALFORMED,
    /** The request has no identifier, so nobody can be answered. */
    EMPTY_REQUEST_ID,
    /** The request's identifier, or its key, is too long to be carried in an answer. */
    TOO_LARGE,
    /** The record's key is not the deployment that its value names. */
    WRONG_KEY,
    /** A fault of ours, with the record that brought it to light. */
    INTERNAL_ERROR;

    /** The name used in headers and meters. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

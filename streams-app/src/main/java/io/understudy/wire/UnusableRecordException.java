package io.understudy.wire;

import org.jspecify.annotations.Nullable;

/** Thrown for a record that a role cannot use. */
public final class UnusableRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final DeadLetterReason reason;

    /**
     * Creates an exception.
     *
     * @param detail what is wrong with the record, for people
     */
    public UnusableRecordException(DeadLetterReason reason, @Nullable String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    /** The reason why the record cannot be used. */
    public DeadLetterReason reason() {
        return reason;
    }
}

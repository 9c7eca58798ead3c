package io.understudy.wire;

/** A record that no role can use; says why. */
public final class UnusableRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final DeadLetterReason reason;

    /** A record that is unusable for {@code reason}, in the words of {@code detail}. */
    public UnusableRecordException(DeadLetterReason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    public DeadLetterReason reason() {
        return reason;
    }
}

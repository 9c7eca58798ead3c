package io.understudy.rollout;

/** A command that cannot be followed; says why, and what is allowed. */
public final class RejectedCommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RejectedCommandException(String why) {
        super(why, null, false, false);
    }
}

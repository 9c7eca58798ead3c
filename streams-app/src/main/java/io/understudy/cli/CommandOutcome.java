package io.understudy.cli;

import io.understudy.schema.RolloutStatus;
import java.util.Optional;

/** The result of a command that waits for a rollout, with its exit code. */
enum CommandOutcome {
    PROMOTED(0),
    ABORTED(3),
    HELD(4),
    AWAITING_APPROVAL(5),
    STILL_RUNNING(6);

    /** The description of the exit codes in {@code --help}. */
    static final String EXIT_CODES =
            "Exit code: 0 promoted, 1 rejected or failed, 2 wrong usage, 3 aborted, 4 held, 5 awaiting approval, "
                    + "6 none of these before the timeout.";

    private final int exitCode;

    CommandOutcome(int exitCode) {
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    /** The outcome for a status; empty for a status in which the command keeps waiting. */
    static Optional<CommandOutcome> of(RolloutStatus status) {
        return switch (status) {
            case PROMOTED -> Optional.of(PROMOTED);
            case ABORTED -> Optional.of(ABORTED);
            case HELD -> Optional.of(HELD);
            case AWAITING_APPROVAL -> Optional.of(AWAITING_APPROVAL);
            case RUNNING, PAUSED, AWAITING_READINESS, UNKNOWN -> Optional.empty();
        };
    }
}

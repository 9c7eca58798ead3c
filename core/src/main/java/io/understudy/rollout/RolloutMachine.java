package io.understudy.rollout;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.SchemaClasses;
import io.understudy.spec.InvalidSpecException;
import java.time.Instant;
import java.util.Optional;

/**
 * The state machine of a deployment and its rollout: a command or a verdict and the state before it give the state after it and the
 * event that tells of it. A command that cannot be followed changes nothing and is answered by a REJECTED event that says why; a
 * command whose identifier was answered before is passed over, and so is a verdict on what is past.
 *
 * <p>An abort is followed wherever a rollout is under way, whatever version its sender had seen of it.
 */
public final class RolloutMachine {

    private static final int LONGEST_ID = 300;
    private static final int LONGEST_SPEC = 30_000;
    private static final int LONGEST_REASON = 4000;

    static {
        // Every new state is a copy of the old one.
        SchemaClasses.trust();
    }

    private final Commands commands;

    /** A machine that lets a model in when {@code inspection} can use it. */
    public RolloutMachine(ModelInspection inspection) {
        this.commands = new Commands(inspection);
    }

    /**
     * Applies a command.
     *
     * @param before the deployment's state; empty when it does not exist
     * @param now the time of the command's record
     */
    public Transition apply(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        if (before.isPresent() && before.get().getAppliedCommands().contains(command.getId())) {
            return Transition.NOTHING;
        }
        try {
            checkForm(command);
            checkExpectation(before, command);
            return commands.follow(before, command, now);
        } catch (InvalidSpecException e) {
            return rejected(before, command, ReasonCode.SPEC_INVALID, e.getMessage(), now);
        } catch (RejectedCommandException e) {
            return rejected(before, command, e.code(), e.getMessage(), now);
        }
    }

    /**
     * Applies a verdict.
     *
     * @param before the deployment's state; empty when it does not exist
     * @param now the time of the evaluation's record
     */
    public Transition apply(Optional<RolloutState> before, RolloutEvaluation evaluation, Instant now) {
        return before.filter(state -> Verdicts.concerns(state, evaluation))
                .map(state -> Verdicts.apply(state, evaluation, now))
                .orElse(Transition.NOTHING);
    }

    private static void checkForm(RolloutCommand command) {
        if (command.getId().isBlank() || command.getId().length() > LONGEST_ID) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    "id has " + command.getId().length() + " characters; it must have 1 to " + LONGEST_ID);
        }
        checkLength("deployment", command.getDeployment(), LONGEST_ID);
        checkLength("actor", command.getActor(), LONGEST_ID);
        checkLength("reason", command.getReason(), LONGEST_REASON);
        checkLength("rollout", command.getRollout(), LONGEST_ID);
        checkLength("spec", command.getSpec(), LONGEST_SPEC);
    }

    private static void checkLength(String name, String text, int longest) {
        if (text != null && text.length() > longest) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    name + " has " + text.length() + " characters; allowed are " + longest);
        }
    }

    private static void checkExpectation(Optional<RolloutState> before, RolloutCommand command) {
        long version = before.map(RolloutState::getVersion).orElse(0L);
        Long expected = command.getExpectedVersion();
        if (expected == null || expected == version || isAbortOfWhatIsUnderWay(before, command)) {
            return;
        }
        throw new RejectedCommandException(
                ReasonCode.VERSION_CONFLICT,
                "expected version " + expected + ", but the state is at version " + version);
    }

    /** Whoever wants the candidate out has seen the rollout, in whatever state: nothing that came between makes that wish stale. */
    private static boolean isAbortOfWhatIsUnderWay(Optional<RolloutState> before, RolloutCommand command) {
        return command.getVerb() == RolloutVerb.ABORT
                && before.map(RolloutState::getRollout)
                        .filter(Steps::isActive)
                        .map(rollout -> command.getExpectedVersion() >= rollout.getStartedVersion()
                                && command.getExpectedVersion() <= before.get().getVersion())
                        .orElse(false);
    }

    private static Transition rejected(
            Optional<RolloutState> before, RolloutCommand command, ReasonCode code, String why, Instant now) {
        Cause cause = Cause.of(command, now).because(code, why);
        if (command.getId().isBlank() || command.getId().length() > LONGEST_ID) {
            // An identifier of such a kind is not worth remembering.
            return Transition.rejection(Optional.empty(), before, cause);
        }
        // The identifier is remembered, or a replay could be accepted later; the version stays, for nothing else has
        // changed.
        Optional<RolloutState> remembering = before.map(state -> Commands.next(before, command, now)
                .setVersion(state.getVersion())
                .build());
        return Transition.rejection(remembering, before, cause);
    }
}

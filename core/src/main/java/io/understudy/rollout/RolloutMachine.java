package io.understudy.rollout;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Model;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.SchemaClasses;
import io.understudy.spec.InvalidSpecException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a deployment and its rollout. A command or a verdict, together with the state before it, gives
 * the state after it and an event that describes the change.
 *
 * <p>A command that cannot be applied changes nothing and gives a REJECTED event with the reason. A command whose
 * identifier was handled before is ignored, and so is a verdict on an earlier stage, epoch or window. An ABORT command
 * ends an active rollout whatever version of it the sender expects.
 *
 * <p>The transitions, as {@code status -> next status  commands; verdict verdicts}. Guards are in brackets:
 * {@code last} is the last stage, {@code approval} means that the step out of the stage needs approval, and {@code
 * hold} and {@code abort} are the policy for the verdict; the name of a verdict is the one that holds the rollout. A test
 * derives this table from the code and compares it.
 *
 * <pre>{@code
 * no deployment      -> no rollout          DEPLOY
 * no rollout         -> no rollout          DEPLOY
 * no rollout         -> AWAITING_READINESS  START
 * RUNNING            -> RUNNING             ADVANCE [not last], GO_TO_STAGE; verdict PASS [not last, no approval]
 * RUNNING            -> PAUSED              PAUSE
 * RUNNING            -> HELD                OPEN_BREAKER; verdict INVALID [hold], INCONCLUSIVE [hold], NO_DATA
 * RUNNING            -> AWAITING_APPROVAL   verdict PASS [approval]
 * RUNNING            -> ABORTED             ABORT; verdict ABORT, INVALID [abort], INCONCLUSIVE [abort]
 * RUNNING            -> AWAITING_READINESS  PROMOTE; verdict PASS [last, no approval]
 * PAUSED             -> RUNNING             RESUME, ADVANCE [not last], GO_TO_STAGE
 * PAUSED             -> HELD                OPEN_BREAKER
 * PAUSED             -> ABORTED             ABORT; verdict ABORT
 * PAUSED             -> AWAITING_READINESS  PROMOTE
 * HELD               -> RUNNING             RESUME [traffic], ADVANCE [not last, traffic], GO_TO_STAGE [traffic], RETRY [traffic]
 * HELD               -> HELD                OPEN_BREAKER; verdict CONTINUE [INVALID or NO_DATA], HOLD [INVALID or NO_DATA], PASS [INCONCLUSIVE or INVALID or NO_DATA], INVALID [no verdict], INCONCLUSIVE [no verdict], NO_DATA [no verdict]
 * HELD               -> ABORTED             ABORT; verdict ABORT
 * HELD               -> AWAITING_READINESS  RESUME [no traffic], ADVANCE [not last, no traffic], GO_TO_STAGE [no traffic], PROMOTE, RETRY [no traffic]
 * AWAITING_APPROVAL  -> RUNNING             ADVANCE [not last], GO_TO_STAGE, APPROVE [not last]
 * AWAITING_APPROVAL  -> HELD                OPEN_BREAKER
 * AWAITING_APPROVAL  -> ABORTED             ABORT; verdict ABORT
 * AWAITING_APPROVAL  -> AWAITING_READINESS  APPROVE [last], PROMOTE
 * PROMOTED           -> PROMOTED            DEPLOY
 * PROMOTED           -> AWAITING_READINESS  START
 * ABORTED            -> ABORTED             DEPLOY
 * ABORTED            -> AWAITING_READINESS  START, RETRY
 * AWAITING_READINESS -> RUNNING             ADVANCE [not last, traffic], GO_TO_STAGE [traffic], READY [stage]
 * AWAITING_READINESS -> HELD                OPEN_BREAKER, NOT_READY
 * AWAITING_READINESS -> PROMOTED            READY [promotion]
 * AWAITING_READINESS -> ABORTED             ABORT; verdict ABORT
 * AWAITING_READINESS -> AWAITING_READINESS  ADVANCE [not last, no traffic], GO_TO_STAGE [no traffic], PROMOTE [stage]
 * }</pre>
 */
public final class RolloutMachine {

    private static final int MAX_ID_LENGTH = 300;
    private static final int MAX_SPEC_LENGTH = 30_000;
    private static final int MAX_REASON_LENGTH = 4000;

    static {
        // Each new state copies the old one.
        SchemaClasses.trust();
    }

    private final CommandHandler commandHandler;

    /** A state machine that accepts only models that pass {@code inspection} and name no lane. */
    public RolloutMachine(ModelInspection inspection) {
        this(inspection, Set.of());
    }

    /**
     * A state machine that accepts only models that pass {@code inspection}.
     *
     * @param lanes names of the lanes that a model may name
     */
    public RolloutMachine(ModelInspection inspection, Set<String> lanes) {
        this.commandHandler = new CommandHandler(inspection, lanes);
    }

    /**
     * Applies a command.
     *
     * @param before the deployment's state; empty when the deployment does not exist
     * @param now when the command is accepted
     */
    public Transition apply(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        if (before.isPresent() && before.get().getAppliedCommands().contains(command.getId())) {
            return Transition.NOTHING;
        }
        try {
            checkForm(command);
            checkExpectation(before, command);
            return commandHandler.apply(before, command, now);
        } catch (InvalidSpecException e) {
            return rejected(before, command, ReasonCode.SPEC_INVALID, e.getMessage(), now);
        } catch (RejectedCommandException e) {
            return rejected(before, command, e.code(), e.getMessage(), now);
        }
    }

    /**
     * The model that a command asks to be inspected, so that the inspection can happen before the command is applied.
     *
     * @param before the deployment's state; empty when the deployment does not exist
     * @param lanes names of the lanes that a model may have
     * @return empty when the command needs no inspection, also because it is rejected anyway
     */
    public static Optional<Model> modelToInspect(
            Optional<RolloutState> before, RolloutCommand command, Set<String> lanes) {
        List<Model> asked = new ArrayList<>();
        new RolloutMachine(
                        model -> {
                            asked.add(model);
                            return model;
                        },
                        lanes)
                .apply(before, command, Instant.EPOCH);
        return asked.stream().findFirst();
    }

    /** Whether the fields of the command have lengths that {@link #apply} accepts. */
    public static boolean isWellFormed(RolloutCommand command) {
        try {
            checkForm(command);
            return true;
        } catch (RejectedCommandException e) {
            return false;
        }
    }

    /**
     * Rejects a command without looking at what it asks for.
     *
     * @param before the deployment's state; empty when the deployment does not exist
     */
    public static Transition reject(
            Optional<RolloutState> before, RolloutCommand command, ReasonCode code, String reason, Instant now) {
        return rejected(before, command, code, reason, now);
    }

    /**
     * Applies a verdict.
     *
     * @param before the deployment's state; empty when the deployment does not exist
     * @param now when the verdict is accepted
     */
    public Transition apply(Optional<RolloutState> before, RolloutEvaluation evaluation, Instant now) {
        return before.filter(state -> VerdictHandler.isCurrent(state, evaluation))
                .map(state -> VerdictHandler.apply(state, evaluation, now))
                .orElse(Transition.NOTHING);
    }

    private static void checkForm(RolloutCommand command) {
        if (command.getId().isBlank() || command.getId().length() > MAX_ID_LENGTH) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    "id has " + command.getId().length() + " characters; it must have 1 to " + MAX_ID_LENGTH);
        }
        checkLength("deployment", command.getDeployment(), MAX_ID_LENGTH);
        checkLength("actor", command.getActor(), MAX_ID_LENGTH);
        checkLength("reason", command.getReason(), MAX_REASON_LENGTH);
        checkLength("rollout", command.getRollout(), MAX_ID_LENGTH);
        checkLength("spec", command.getSpec(), MAX_SPEC_LENGTH);
    }

    private static void checkLength(String name, @Nullable String text, int maxLength) {
        if (text != null && text.length() > maxLength) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    name + " has " + text.length() + " characters; at most " + maxLength + " are allowed");
        }
    }

    private static void checkExpectation(Optional<RolloutState> before, RolloutCommand command) {
        long version = before.map(RolloutState::getVersion).orElse(0L);
        Long expected = command.getExpectedVersion();
        if (expected == null || expected == version || isAbortOfActiveRollout(before, command)) {
            return;
        }
        throw new RejectedCommandException(
                ReasonCode.VERSION_CONFLICT,
                "expected version " + expected + ", but the state is at version " + version);
    }

    /**
     * Whether the command aborts the active rollout and expects a version since the start of that rollout. Changes
     * after that version do not make the abort stale.
     */
    private static boolean isAbortOfActiveRollout(Optional<RolloutState> before, RolloutCommand command) {
        return command.getVerb() == RolloutVerb.ABORT
                && before.map(RolloutState::getRollout)
                        .filter(RolloutSteps::isActive)
                        .map(rollout -> command.getExpectedVersion() >= rollout.getStartedVersion()
                                && command.getExpectedVersion() <= before.get().getVersion())
                        .orElse(false);
    }

    private static Transition rejected(
            Optional<RolloutState> before,
            RolloutCommand command,
            ReasonCode code,
            @Nullable String reason,
            Instant now) {
        EventCause cause = EventCause.of(command, now).withReason(code, reason);
        if (command.getId().isBlank() || command.getId().length() > MAX_ID_LENGTH) {
            // Without a valid identifier, the command cannot be recognised when it is redelivered.
            return Transition.rejection(before, Optional.empty(), cause);
        }
        // The state stores the identifier, because otherwise the command could be accepted when it is redelivered
        // later.
        // The version stays, because nothing else has changed.
        Optional<RolloutState> after = before.map(state -> CommandHandler.next(before, command, now)
                .setVersion(state.getVersion())
                .build());
        return Transition.rejection(before, after, cause);
    }
}

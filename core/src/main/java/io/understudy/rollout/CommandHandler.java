package io.understudy.rollout;

import io.understudy.plan.DeploymentSpec;
import io.understudy.plan.RolloutSpec;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Applies commands to a deployment and its rollout, with one method for each verb. A command that must be rejected
 * leads to a {@link RejectedCommandException} or an {@link io.understudy.spec.InvalidSpecException}.
 */
final class CommandHandler {

    /** The number of identifiers of handled commands that a state keeps. */
    static final int MAX_APPLIED_COMMANDS = 256;

    /** What a step costs that starts the evidence of a stage again. */
    private static final String NEW_EVIDENCE =
            "evidence starts again, with the whole alpha: the chances of a wrong verdict add up over the attempts";

    private final ModelInspection inspection;
    private final Set<String> lanes;

    CommandHandler(ModelInspection inspection, Set<String> lanes) {
        this.inspection = inspection;
        this.lanes = lanes;
    }

    /** Applies a command whose fields have the right form. */
    Transition apply(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        return switch (command.getVerb()) {
            case DEPLOY -> deploy(before, command, now);
            case START -> start(stateOf(before, command), command, specText(command), RolloutEventType.STARTED, now);
            case PAUSE -> pause(stateOf(before, command), command, now);
            case RESUME -> resume(stateOf(before, command), command, now);
            case ADVANCE -> advance(stateOf(before, command), command, now);
            case GO_TO_STAGE -> goToStage(stateOf(before, command), command, now);
            case APPROVE -> approve(stateOf(before, command), command, now);
            case PROMOTE -> promote(stateOf(before, command), command, now);
            case ABORT -> abort(stateOf(before, command), command, now);
            case RETRY -> retry(stateOf(before, command), command, now);
            case OPEN_BREAKER -> openBreaker(stateOf(before, command), command, now);
            case UNKNOWN ->
                throw new RejectedCommandException(
                        ReasonCode.VERB_UNKNOWN,
                        "the verb is unknown; allowed: DEPLOY, START, PAUSE, RESUME, ADVANCE,"
                                + " GO_TO_STAGE, APPROVE, PROMOTE, ABORT, RETRY");
        };
    }

    private static RolloutState stateOf(Optional<RolloutState> before, RolloutCommand command) {
        return before.orElseThrow(() -> new RejectedCommandException(
                ReasonCode.DEPLOYMENT_UNKNOWN,
                "there is no deployment '" + command.getDeployment() + "'; deploy its existing model first"));
    }

    private Transition deploy(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        DeploymentSpec spec = SpecReader.deployment(specText(command));
        checkDeployment(spec.deployment(), command);
        before.map(RolloutState::getRollout).filter(RolloutSteps::isActive).ifPresent(active -> {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_ACTIVE,
                    "rollout " + active.getId() + " is " + active.getStatus()
                            + "; abort it before you deploy another existing model");
        });
        checkLane("existing", spec.existing());
        Model existing = inspect("existing", spec.existing());
        RolloutState after = next(before, command, now)
                .setExisting(existing)
                .setRollout(before.map(RolloutState::getRollout).orElse(null))
                .build();
        return Transition.to(after, EventCause.of(command, now), RolloutEventType.DEPLOYED);
    }

    private Transition start(
            RolloutState before, RolloutCommand command, String specText, RolloutEventType type, Instant now) {
        RolloutSpec spec = SpecReader.rollout(specText);
        checkDeployment(spec.deployment(), command);
        if (RolloutSteps.isActive(before.getRollout())) {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_ACTIVE,
                    "rollout " + before.getRollout().getId() + " is "
                            + before.getRollout().getStatus() + "; a deployment has one rollout at a time");
        }
        if (spec.candidate().getVersion().equals(before.getExisting().getVersion())) {
            throw new RejectedCommandException(
                    ReasonCode.VERSION_IN_USE,
                    "candidate.version: '" + spec.candidate().getVersion() + "' is the existing model's version");
        }
        checkLane("candidate", spec.candidate());
        Model candidate = inspect("candidate", spec.candidate());
        long version = before.getVersion() + 1;
        String id = spec.deployment() + "-" + spec.candidate().getVersion() + "-" + version;
        Stage first = spec.stages().get(0);
        Rollout rollout = Rollout.newBuilder()
                .setId(id)
                .setStatus(RolloutStatus.RUNNING)
                .setCandidate(candidate)
                .setUnit(spec.unit())
                .setSalt(spec.salt().orElse(id))
                .setStages(spec.stages())
                .setStage(0)
                .setEpoch(1)
                .setShare(first.getShare())
                .setMirror(first.getMirror())
                .setDeadlineMs(spec.fallback().deadline().toMillis())
                .setMirrorMaxAgeMs(spec.mirrorMaxAge().toMillis())
                .setBreaker(spec.fallback().breaker().orElse(null))
                .setReplaces(before.getExisting())
                .setStartedVersion(version)
                .setSpec(spec.text())
                .setStartedAt(now)
                .setStageStartedAt(now)
                .build();
        return type == RolloutEventType.RETRIED
                ? startedAnew(before, command, rollout, type, now)
                : changed(before, command, rollout, type, now);
    }

    private static Transition pause(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of(RolloutStatus.RUNNING));
        return changed(
                before,
                command,
                RolloutSteps.withStatus(active, RolloutStatus.PAUSED, command.getReason()),
                RolloutEventType.PAUSED,
                now);
    }

    private static Transition resume(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of(RolloutStatus.PAUSED, RolloutStatus.HELD));
        return RolloutSteps.isTrafficCutOff(active)
                ? startedAnew(
                        before,
                        command,
                        RolloutSteps.enter(active, active.getStage(), now),
                        RolloutEventType.RESUMED,
                        now)
                : changed(
                        before,
                        command,
                        RolloutSteps.withStatus(active, RolloutStatus.RUNNING, null),
                        RolloutEventType.RESUMED,
                        now);
    }

    private static Transition advance(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of());
        if (RolloutSteps.isInLastStage(active)) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN,
                    "stage " + active.getStage() + " is the last stage of rollout " + active.getId()
                            + "; promote the rollout instead");
        }
        return changed(
                before,
                command,
                RolloutSteps.enter(active, active.getStage() + 1, now),
                RolloutEventType.ADVANCED,
                now);
    }

    private static Transition goToStage(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of());
        int last = active.getStages().size() - 1;
        if (command.getStage() == null || command.getStage() < 0 || command.getStage() > last) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN,
                    (command.getStage() == null ? "stage is missing" : "there is no stage " + command.getStage())
                            + "; allowed: 0 to " + last);
        }
        return startedAnew(
                before,
                command,
                RolloutSteps.enter(active, command.getStage(), now),
                RolloutEventType.WENT_TO_STAGE,
                now);
    }

    private static Transition approve(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of(RolloutStatus.AWAITING_APPROVAL));
        return RolloutSteps.isInLastStage(active)
                ? promoted(before, command, active, now)
                : changed(
                        before,
                        command,
                        RolloutSteps.enter(active, active.getStage() + 1, now),
                        RolloutEventType.APPROVED,
                        now);
    }

    private static Transition promote(RolloutState before, RolloutCommand command, Instant now) {
        return promoted(before, command, activeRollout(before, command, Set.of()), now);
    }

    private static Transition promoted(RolloutState before, RolloutCommand command, Rollout active, Instant now) {
        RolloutState after = next(Optional.of(before), command, now)
                .setExisting(active.getCandidate())
                .setRollout(RolloutSteps.end(active, RolloutStatus.PROMOTED, command.getReason(), now))
                .build();
        return Transition.to(after, EventCause.of(command, now), RolloutEventType.PROMOTED);
    }

    private static Transition abort(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before, command, Set.of());
        return changed(
                before,
                command,
                RolloutSteps.end(active, RolloutStatus.ABORTED, command.getReason(), now),
                RolloutEventType.ABORTED,
                now);
    }

    /** Restarts the stage of a held rollout, or starts an aborted rollout again as a new one. */
    private Transition retry(RolloutState before, RolloutCommand command, Instant now) {
        Rollout rollout = addressedRollout(before, command);
        return switch (rollout.getStatus()) {
            case HELD ->
                startedAnew(
                        before,
                        command,
                        RolloutSteps.enter(rollout, rollout.getStage(), now),
                        RolloutEventType.RETRIED,
                        now);
            case ABORTED -> start(before, command, rollout.getSpec(), RolloutEventType.RETRIED, now);
            case RUNNING, PAUSED, AWAITING_APPROVAL, PROMOTED, UNKNOWN ->
                throw new RejectedCommandException(
                        ReasonCode.STATUS_MISMATCH,
                        "rollout " + rollout.getId() + " is " + rollout.getStatus()
                                + "; only a HELD or ABORTED rollout can be retried");
        };
    }

    /**
     * Cuts off the candidate's traffic, because a router reports that the candidate fails too often. Several routers
     * may send this command, and it may arrive late; a command for another rollout or epoch changes nothing.
     */
    private static Transition openBreaker(RolloutState before, RolloutCommand command, Instant now) {
        if (command.getRollout() == null || command.getEpoch() == null) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    "rollout or epoch is missing; OPEN_BREAKER must name the rollout and epoch whose answers opened the"
                            + " breaker");
        }
        Rollout rollout = before.getRollout();
        if (!RolloutSteps.isActive(rollout)
                || !rollout.getId().equals(command.getRollout())
                || rollout.getEpoch() != command.getEpoch()) {
            return Transition.NOTHING;
        }
        return changed(
                before,
                command,
                RolloutSteps.cutOffTraffic(rollout, command.getReason()),
                RolloutEventType.BREAKER_OPENED,
                now);
    }

    /** The deployment's rollout, which must be the one that the command names, if it names one. */
    private static Rollout addressedRollout(RolloutState before, RolloutCommand command) {
        Rollout rollout = before.getRollout();
        if (rollout == null) {
            throw new RejectedCommandException(ReasonCode.NO_ROLLOUT, "the deployment has no rollout");
        }
        if (command.getRollout() != null && !command.getRollout().equals(rollout.getId())) {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_MISMATCH,
                    "rollout " + command.getRollout() + " is not the deployment's current rollout, which is "
                            + rollout.getId());
        }
        return rollout;
    }

    /**
     * The rollout that the command addresses, which must be active.
     *
     * @param allowed the statuses to which the command applies; empty for all
     */
    private static Rollout activeRollout(RolloutState before, RolloutCommand command, Set<RolloutStatus> allowed) {
        Rollout rollout = addressedRollout(before, command);
        if (!RolloutSteps.isActive(rollout)) {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_ENDED, "rollout " + rollout.getId() + " is already " + rollout.getStatus());
        }
        if (!allowed.isEmpty() && !allowed.contains(rollout.getStatus())) {
            throw new RejectedCommandException(
                    ReasonCode.STATUS_MISMATCH,
                    command.getVerb() + " does not apply: rollout " + rollout.getId()
                            + " is "
                            + rollout.getStatus() + "; it must be "
                            + String.join(
                                    " or ",
                                    allowed.stream().map(Enum::name).sorted().toList()));
        }
        return rollout;
    }

    private static String specText(RolloutCommand command) {
        if (command.getSpec() == null || command.getSpec().isBlank()) {
            throw new RejectedCommandException(
                    ReasonCode.SPEC_INVALID, "spec is missing; " + command.getVerb() + " needs it as YAML");
        }
        return command.getSpec();
    }

    private static void checkDeployment(String deployment, RolloutCommand command) {
        if (!deployment.equals(command.getDeployment())) {
            throw new RejectedCommandException(
                    ReasonCode.SPEC_INVALID,
                    "deployment: '" + deployment + "' differs from the command's '" + command.getDeployment() + "'");
        }
    }

    private void checkLane(String role, Model model) {
        if (model.getLane() != null && !lanes.contains(model.getLane())) {
            throw new RejectedCommandException(
                    ReasonCode.LANE_UNKNOWN,
                    role + ".lane: there is no lane '" + model.getLane() + "'; "
                            + (lanes.isEmpty()
                                    ? "this installation has only the default lanes"
                                    : "allowed: " + String.join(", ", lanes))
                            + " (setting lanes)");
        }
    }

    private Model inspect(String role, Model model) {
        try {
            return inspection.inspect(model);
        } catch (UnusableModelException e) {
            throw new RejectedCommandException(e.code(), role + " " + model.getVersion() + ": " + e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // A failing model or model runtime must not stop the controller.
            throw new RejectedCommandException(
                    ReasonCode.MODEL_UNUSABLE, role + " " + model.getVersion() + ": cannot be inspected: " + e);
        }
    }

    /**
     * A change after which evidence starts again in a stage that may have had some. The operator decides that; the event
     * says what it costs.
     */
    private static Transition startedAnew(
            RolloutState before, RolloutCommand command, Rollout rollout, RolloutEventType type, Instant now) {
        String ownReason = command.getReason() == null ? "" : command.getReason() + "; ";
        return changed(
                before, command, rollout, type, EventCause.of(command, now).withReason(ownReason + NEW_EVIDENCE));
    }

    private static Transition changed(
            RolloutState before, RolloutCommand command, Rollout rollout, RolloutEventType type, Instant now) {
        return changed(before, command, rollout, type, EventCause.of(command, now));
    }

    private static Transition changed(
            RolloutState before, RolloutCommand command, Rollout rollout, RolloutEventType type, EventCause cause) {
        RolloutState after = next(Optional.of(before), command, cause.at())
                .setRollout(rollout)
                .build();
        return Transition.to(after, cause, type);
    }

    /** A copy of the state with the next version and with the command's identifier added. */
    static RolloutState.Builder next(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        List<String> applied =
                new ArrayList<>(before.map(RolloutState::getAppliedCommands).orElse(List.of()));
        applied.add(command.getId());
        int dropped = Math.max(0, applied.size() - MAX_APPLIED_COMMANDS);
        return before.map(RolloutState::newBuilder)
                .orElseGet(() -> RolloutState.newBuilder().setDeployment(command.getDeployment()))
                .setVersion(before.map(RolloutState::getVersion).orElse(0L) + 1)
                .setAppliedCommands(new ArrayList<>(applied.subList(dropped, applied.size())))
                .setUpdatedAt(now);
    }
}

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

/** What commands do to a deployment and its rollout: one method a verb. What cannot be followed is thrown, with the reason. */
final class Commands {

    /** Identifiers of answered commands that a state remembers. */
    static final int REMEMBERED = 256;

    private final ModelInspection inspection;

    Commands(ModelInspection inspection) {
        this.inspection = inspection;
    }

    /** Follows a command of good form. */
    Transition follow(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        return switch (command.getVerb()) {
            case DEPLOY -> deploy(before, command, now);
            case START -> start(existing(before, command), command, specText(command), RolloutEventType.STARTED, now);
            case PAUSE -> pause(existing(before, command), command, now);
            case RESUME -> resume(existing(before, command), command, now);
            case ADVANCE -> advance(existing(before, command), command, now);
            case GO_TO_STAGE -> goToStage(existing(before, command), command, now);
            case APPROVE -> approve(existing(before, command), command, now);
            case PROMOTE -> promote(existing(before, command), command, now);
            case ABORT -> abort(existing(before, command), command, now);
            case RETRY -> retry(existing(before, command), command, now);
            case OPEN_BREAKER -> openBreaker(existing(before, command), command, now);
            case UNKNOWN ->
                throw new RejectedCommandException(
                        ReasonCode.VERB_UNKNOWN,
                        "the verb is not known here; allowed: DEPLOY, START, PAUSE, RESUME, ADVANCE,"
                                + " GO_TO_STAGE, APPROVE, PROMOTE, ABORT, RETRY");
        };
    }

    private static RolloutState existing(Optional<RolloutState> before, RolloutCommand command) {
        return before.orElseThrow(() -> new RejectedCommandException(
                ReasonCode.DEPLOYMENT_UNKNOWN,
                "there is no deployment '" + command.getDeployment() + "'; deploy its existing model first"));
    }

    private Transition deploy(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        DeploymentSpec spec = SpecReader.deployment(specText(command));
        checkDeployment(spec.deployment(), command);
        before.map(RolloutState::getRollout).filter(Steps::isActive).ifPresent(active -> {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_ACTIVE,
                    "rollout " + active.getId() + " is " + active.getStatus()
                            + "; abort it before another existing model is deployed");
        });
        Model existing = inspect("existing", spec.existing());
        RolloutState after = next(before, command, now)
                .setExisting(existing)
                .setRollout(before.map(RolloutState::getRollout).orElse(null))
                .build();
        return Transition.to(after, Cause.of(command, now), RolloutEventType.DEPLOYED);
    }

    private Transition start(
            RolloutState before, RolloutCommand command, String specText, RolloutEventType type, Instant now) {
        RolloutSpec spec = SpecReader.rollout(specText);
        checkDeployment(spec.deployment(), command);
        if (Steps.isActive(before.getRollout())) {
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
        return moved(before, command, rollout, type, now);
    }

    private static Transition pause(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of(RolloutStatus.RUNNING));
        return moved(
                before,
                command,
                Steps.withStatus(active, RolloutStatus.PAUSED, command.getReason()),
                RolloutEventType.PAUSED,
                now);
    }

    private static Transition resume(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of(RolloutStatus.PAUSED, RolloutStatus.HELD));
        Rollout running = Steps.isCutOff(active)
                ? Steps.enter(active, active.getStage(), now)
                : Steps.withStatus(active, RolloutStatus.RUNNING, null);
        return moved(before, command, running, RolloutEventType.RESUMED, now);
    }

    private static Transition advance(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of());
        if (Steps.isLast(active, active.getStage())) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN,
                    "stage " + active.getStage() + " is the last of rollout " + active.getId()
                            + "; promote it instead");
        }
        return moved(before, command, Steps.enter(active, active.getStage() + 1, now), RolloutEventType.ADVANCED, now);
    }

    private static Transition goToStage(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of());
        int last = active.getStages().size() - 1;
        if (command.getStage() == null || command.getStage() < 0 || command.getStage() > last) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN,
                    (command.getStage() == null ? "stage is missing" : "there is no stage " + command.getStage())
                            + "; allowed: 0 to " + last);
        }
        return moved(
                before, command, Steps.enter(active, command.getStage(), now), RolloutEventType.WENT_TO_STAGE, now);
    }

    private static Transition approve(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of(RolloutStatus.AWAITING_APPROVAL));
        return Steps.isLast(active, active.getStage())
                ? promoted(before, command, active, now)
                : moved(
                        before,
                        command,
                        Steps.enter(active, active.getStage() + 1, now),
                        RolloutEventType.APPROVED,
                        now);
    }

    private static Transition promote(RolloutState before, RolloutCommand command, Instant now) {
        return promoted(before, command, active(before, command, Set.of()), now);
    }

    private static Transition promoted(RolloutState before, RolloutCommand command, Rollout active, Instant now) {
        RolloutState after = next(Optional.of(before), command, now)
                .setExisting(active.getCandidate())
                .setRollout(Steps.end(active, RolloutStatus.PROMOTED, command.getReason(), now))
                .build();
        return Transition.to(after, Cause.of(command, now), RolloutEventType.PROMOTED);
    }

    private static Transition abort(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = active(before, command, Set.of());
        return moved(
                before,
                command,
                Steps.end(active, RolloutStatus.ABORTED, command.getReason(), now),
                RolloutEventType.ABORTED,
                now);
    }

    /** Once more: a held stage from its beginning, an aborted rollout as a new one. */
    private Transition retry(RolloutState before, RolloutCommand command, Instant now) {
        Rollout rollout = addressed(before, command);
        return switch (rollout.getStatus()) {
            case HELD ->
                moved(before, command, Steps.enter(rollout, rollout.getStage(), now), RolloutEventType.RETRIED, now);
            case ABORTED -> start(before, command, rollout.getSpec(), RolloutEventType.RETRIED, now);
            case RUNNING, PAUSED, AWAITING_APPROVAL, PROMOTED, UNKNOWN ->
                throw new RejectedCommandException(
                        ReasonCode.STATUS_MISMATCH,
                        "rollout " + rollout.getId() + " is " + rollout.getStatus()
                                + "; what is HELD or ABORTED can be tried again");
        };
    }

    /** A router's word that the candidate fails too often. Several routers may say so, and one may say so late. */
    private static Transition openBreaker(RolloutState before, RolloutCommand command, Instant now) {
        if (command.getRollout() == null || command.getEpoch() == null) {
            throw new RejectedCommandException(
                    ReasonCode.COMMAND_MALFORMED,
                    "rollout and epoch are missing; OPEN_BREAKER must say whose answers opened it");
        }
        Rollout rollout = before.getRollout();
        if (!Steps.isActive(rollout)
                || !rollout.getId().equals(command.getRollout())
                || rollout.getEpoch() != command.getEpoch()) {
            return Transition.NOTHING;
        }
        return moved(before, command, Steps.cutOff(rollout, command.getReason()), RolloutEventType.BREAKER_OPENED, now);
    }

    /** The rollout a command means. */
    private static Rollout addressed(RolloutState before, RolloutCommand command) {
        Rollout rollout = before.getRollout();
        if (rollout == null) {
            throw new RejectedCommandException(ReasonCode.NO_ROLLOUT, "the deployment has no rollout");
        }
        if (command.getRollout() != null && !command.getRollout().equals(rollout.getId())) {
            throw new RejectedCommandException(
                    ReasonCode.ROLLOUT_MISMATCH,
                    "rollout " + command.getRollout() + " is not the deployment's current one; " + rollout.getId()
                            + " is");
        }
        return rollout;
    }

    /** The rollout a command means, which must be under way, and in one of some statuses where the command needs that. */
    private static Rollout active(RolloutState before, RolloutCommand command, Set<RolloutStatus> allowed) {
        Rollout rollout = addressed(before, command);
        if (!Steps.isActive(rollout)) {
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
                    ReasonCode.SPEC_INVALID, "spec is missing; " + command.getVerb() + " carries it as YAML");
        }
        return command.getSpec();
    }

    private static void checkDeployment(String named, RolloutCommand command) {
        if (!named.equals(command.getDeployment())) {
            throw new RejectedCommandException(
                    ReasonCode.SPEC_INVALID,
                    "deployment: '" + named + "' differs from the command's '" + command.getDeployment() + "'");
        }
    }

    private Model inspect(String place, Model model) {
        try {
            return inspection.inspect(model);
        } catch (UnusableModelException e) {
            throw new RejectedCommandException(
                    ReasonCode.MODEL_UNUSABLE, place + " " + model.getVersion() + ": " + e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // Whatever a model or its runtime does, it must not stop the controller.
            throw new RejectedCommandException(
                    ReasonCode.MODEL_UNUSABLE, place + " " + model.getVersion() + ": cannot be inspected: " + e);
        }
    }

    private static Transition moved(
            RolloutState before, RolloutCommand command, Rollout rollout, RolloutEventType type, Instant now) {
        RolloutState after =
                next(Optional.of(before), command, now).setRollout(rollout).build();
        return Transition.to(after, Cause.of(command, now), type);
    }

    /** A copy of the state, one version on, that remembers the command. */
    static RolloutState.Builder next(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        List<String> applied =
                new ArrayList<>(before.map(RolloutState::getAppliedCommands).orElse(List.of()));
        applied.add(command.getId());
        int surplus = Math.max(0, applied.size() - REMEMBERED);
        return before.map(state -> RolloutState.newBuilder(state))
                .orElseGet(() -> RolloutState.newBuilder().setDeployment(command.getDeployment()))
                .setVersion(before.map(RolloutState::getVersion).orElse(0L) + 1)
                .setAppliedCommands(new ArrayList<>(applied.subList(surplus, applied.size())))
                .setUpdatedAt(now);
    }
}

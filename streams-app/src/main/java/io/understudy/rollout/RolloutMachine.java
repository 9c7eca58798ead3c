package io.understudy.rollout;

import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Stage;
import io.understudy.schema.StageKind;
import io.understudy.spec.InvalidSpecException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The state machine of a deployment and its rollout: a command and the state before it give the state after it and the event that
 * tells of it. A command that cannot be followed changes nothing and is answered by a REJECTED event that says why; a command
 * whose identifier was answered before is passed over.
 */
public final class RolloutMachine {

    /** Identifiers of answered commands that a state remembers. */
    static final int REMEMBERED_COMMANDS = 256;

    private static final int LONGEST_ID = 200;
    private static final int LONGEST_SPEC = 30_000;
    private static final int LONGEST_REASON = 4000;

    static {
        // Every new state is a copy of the old one.
        SchemaClasses.trust();
    }

    private final ModelInspection inspection;

    /** A machine that lets a model in when {@code inspection} can use it. */
    public RolloutMachine(ModelInspection inspection) {
        this.inspection = inspection;
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
            return switch (command.getVerb()) {
                case DEPLOY -> deploy(before, command, now);
                case START -> start(existing(before, command), command, now);
                case ABORT -> abort(existing(before, command), command, now);
                case PAUSE, RESUME, ADVANCE, GO_TO_STAGE, APPROVE, PROMOTE, RETRY, UNKNOWN ->
                    throw new Rejection(command.getVerb() + " is not supported; allowed: DEPLOY, START, ABORT");
            };
        } catch (InvalidSpecException | Rejection e) {
            return rejected(before, command, e.getMessage(), now);
        }
    }

    private static void checkForm(RolloutCommand command) {
        if (command.getId().isBlank() || command.getId().length() > LONGEST_ID) {
            throw new Rejection("id has " + command.getId().length() + " characters; it must have 1 to " + LONGEST_ID);
        }
        checkLength("deployment", command.getDeployment(), LONGEST_ID);
        checkLength("actor", command.getActor(), LONGEST_ID);
        checkLength("reason", command.getReason(), LONGEST_REASON);
        checkLength("rollout", command.getRollout(), LONGEST_ID);
        checkLength("spec", command.getSpec(), LONGEST_SPEC);
    }

    private static void checkLength(String name, String text, int longest) {
        if (text != null && text.length() > longest) {
            throw new Rejection(name + " has " + text.length() + " characters; allowed are " + longest);
        }
    }

    private static void checkExpectation(Optional<RolloutState> before, RolloutCommand command) {
        long version = before.map(RolloutState::getVersion).orElse(0L);
        if (command.getExpectedVersion() != null && command.getExpectedVersion() != version) {
            throw new Rejection(
                    "expected version " + command.getExpectedVersion() + ", but the state is at version " + version);
        }
    }

    private static RolloutState existing(Optional<RolloutState> before, RolloutCommand command) {
        return before.orElseThrow(() -> new Rejection(
                "there is no deployment '" + command.getDeployment() + "'; deploy its existing model first"));
    }

    private Transition deploy(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        DeploymentSpec spec = SpecReader.deployment(specText(command));
        checkDeployment(spec.deployment(), command);
        before.flatMap(RolloutMachine::activeRollout).ifPresent(active -> {
            throw new Rejection("rollout " + active.getId() + " is " + active.getStatus()
                    + "; abort it before another existing model is deployed");
        });
        Model existing = inspect("existing", spec.existing());
        RolloutState after = next(before, command, now)
                .setExisting(existing)
                .setRollout(before.map(RolloutState::getRollout).orElse(null))
                .build();
        return changed(after, command, RolloutEventType.DEPLOYED, now);
    }

    private Transition start(RolloutState before, RolloutCommand command, Instant now) {
        RolloutSpec spec = SpecReader.rollout(specText(command));
        checkDeployment(spec.deployment(), command);
        for (int i = 0; i < spec.stages().size(); i++) {
            if (spec.stages().get(i).getKind() != StageKind.SHADOW) {
                throw new Rejection("stages[" + i + "].kind: a candidate is not served yet; a rollout that is started"
                        + " may have shadow stages only");
            }
        }
        activeRollout(before).ifPresent(active -> {
            throw new Rejection("rollout " + active.getId() + " is " + active.getStatus()
                    + "; a deployment has one rollout at a time");
        });
        if (spec.candidate().getVersion().equals(before.getExisting().getVersion())) {
            throw new Rejection(
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
                .setSpec(spec.text())
                .setStartedAt(now)
                .setStageStartedAt(now)
                .build();
        RolloutState after =
                next(Optional.of(before), command, now).setRollout(rollout).build();
        return changed(after, command, RolloutEventType.STARTED, now);
    }

    private static Transition abort(RolloutState before, RolloutCommand command, Instant now) {
        Rollout active = activeRollout(before)
                .orElseThrow(() -> new Rejection(
                        before.getRollout() == null
                                ? "the deployment has no rollout"
                                : "rollout " + before.getRollout().getId() + " is already "
                                        + before.getRollout().getStatus()));
        if (command.getRollout() != null && !command.getRollout().equals(active.getId())) {
            throw new Rejection("rollout " + command.getRollout() + " is not running; " + active.getId() + " is");
        }
        Rollout aborted = Rollout.newBuilder(active)
                .setStatus(RolloutStatus.ABORTED)
                .setEpoch(active.getEpoch() + 1)
                .setShare(0)
                .setMirror(0)
                .setEndedAt(now)
                .build();
        RolloutState after =
                next(Optional.of(before), command, now).setRollout(aborted).build();
        return changed(after, command, RolloutEventType.ABORTED, now);
    }

    private static String specText(RolloutCommand command) {
        if (command.getSpec() == null || command.getSpec().isBlank()) {
            throw new Rejection("spec is missing; " + command.getVerb() + " carries it as YAML");
        }
        return command.getSpec();
    }

    private static void checkDeployment(String named, RolloutCommand command) {
        if (!named.equals(command.getDeployment())) {
            throw new Rejection(
                    "deployment: '" + named + "' differs from the command's '" + command.getDeployment() + "'");
        }
    }

    private Model inspect(String place, Model model) {
        try {
            return inspection.inspect(model);
        } catch (UnusableModelException e) {
            throw new Rejection(place + " " + model.getVersion() + ": " + e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // Whatever a model or its runtime does, it must not stop the controller.
            throw new Rejection(place + " " + model.getVersion() + ": cannot be inspected: " + e);
        }
    }

    private static Optional<Rollout> activeRollout(RolloutState state) {
        return Optional.ofNullable(state.getRollout()).filter(rollout -> rollout.getEndedAt() == null);
    }

    /** A copy of the state, one version on, that remembers the command. */
    private static RolloutState.Builder next(Optional<RolloutState> before, RolloutCommand command, Instant now) {
        List<String> applied =
                new ArrayList<>(before.map(RolloutState::getAppliedCommands).orElse(List.of()));
        applied.add(command.getId());
        int surplus = Math.max(0, applied.size() - REMEMBERED_COMMANDS);
        return before.map(state -> RolloutState.newBuilder(state))
                .orElseGet(() -> RolloutState.newBuilder().setDeployment(command.getDeployment()))
                .setVersion(before.map(RolloutState::getVersion).orElse(0L) + 1)
                .setAppliedCommands(new ArrayList<>(applied.subList(surplus, applied.size())))
                .setUpdatedAt(now);
    }

    private static Transition changed(RolloutState after, RolloutCommand command, RolloutEventType type, Instant now) {
        RolloutEvent event = event(Optional.of(after), command, type, now)
                .setReason(command.getReason())
                .setState(after)
                .build();
        return new Transition(Optional.of(after), Optional.of(event));
    }

    private static Transition rejected(Optional<RolloutState> before, RolloutCommand command, String why, Instant now) {
        if (command.getId().isBlank() || command.getId().length() > LONGEST_ID) {
            // An identifier of such a kind is not worth remembering.
            return new Transition(Optional.empty(), Optional.of(rejection(before, command, why, now)));
        }
        // The identifier is remembered, or a replay could be accepted later; the version stays, for nothing else has
        // changed.
        Optional<RolloutState> remembering = before.map(state ->
                next(before, command, now).setVersion(state.getVersion()).build());
        return new Transition(remembering, Optional.of(rejection(before, command, why, now)));
    }

    private static RolloutEvent rejection(
            Optional<RolloutState> before, RolloutCommand command, String why, Instant now) {
        return event(before, command, RolloutEventType.REJECTED, now)
                .setReason(why.substring(0, Math.min(why.length(), LONGEST_REASON)))
                .build();
    }

    private static RolloutEvent.Builder event(
            Optional<RolloutState> state, RolloutCommand command, RolloutEventType type, Instant now) {
        Optional<Rollout> rollout = state.map(RolloutState::getRollout);
        return RolloutEvent.newBuilder()
                .setDeployment(shortened(command.getDeployment()))
                .setType(type)
                .setCommandId(shortened(command.getId()))
                .setVerb(command.getVerb())
                .setActor(shortened(command.getActor()))
                .setRollout(rollout.map(Rollout::getId).orElse(null))
                .setStage(rollout.map(Rollout::getStage).orElse(null))
                .setStateVersion(state.map(RolloutState::getVersion).orElse(0L))
                .setAt(now);
    }

    /** What an event repeats of a command that may have been rejected for its length. */
    private static String shortened(String text) {
        return text.length() <= LONGEST_ID ? text : text.substring(0, LONGEST_ID);
    }

    private static final class Rejection extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Rejection(String why) {
            super(why, null, false, false);
        }
    }
}

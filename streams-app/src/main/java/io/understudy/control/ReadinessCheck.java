package io.understudy.control;

import io.understudy.readiness.ReadinessView;
import io.understudy.schema.AwaitingStep;
import io.understudy.schema.ModelReadiness;
import io.understudy.schema.ReadinessStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.ScorerKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decides whether a step that waits for readiness may be taken, and whether it has waited too long. The decision is a
 * command of the controller to itself, so that the topic of commands has everything that changed a rollout.
 */
final class ReadinessCheck {

    private static final String EXISTING_LANE = "existing";
    private static final String CANDIDATE_LANE = "candidate";

    private static final int MAX_REASON_LENGTH = 2000;

    private final ReadinessView view;

    ReadinessCheck(ReadinessView view) {
        this.view = view;
    }

    /** What programs say about an awaited model: it is served if nothing is missing. */
    private record Finding(Set<String> ready, List<String> missing) {}

    static boolean isAwaited(RolloutState state) {
        return state.getRollout() != null
                && state.getRollout().getStatus() == RolloutStatus.AWAITING_READINESS
                && state.getRollout().getAwaiting() != null;
    }

    /** The command that ends the wait of a state that {@link #isAwaited}; empty while it lasts. */
    Optional<RolloutCommand> decide(RolloutState state, Instant now) {
        if (!view.hasHeardEverybody()) {
            // After a start, the first program that is heard must not speak for those that are not heard yet.
            return Optional.empty();
        }
        Rollout rollout = state.getRollout();
        String lane = lane(rollout);
        Finding finding = find(state.getDeployment(), rollout, lane);
        String model = rollout.getCandidate().getVersion() + " in the lane '" + lane + "'";
        if (finding.missing().isEmpty()) {
            return Optional.of(
                    command(state, RolloutVerb.READY, String.join(", ", finding.ready()) + " can serve " + model, now));
        }
        Duration waited = Duration.between(rollout.getAwaiting().getSince(), now);
        if (waited.toMillis() < rollout.getReadinessTimeoutMs()) {
            return Optional.empty();
        }
        return Optional.of(command(
                state,
                RolloutVerb.NOT_READY,
                "waited " + waited.toSeconds() + " s for " + model + ": " + String.join("; ", finding.missing()),
                now));
    }

    private static String lane(Rollout rollout) {
        String arm = rollout.getAwaiting().getStep() == AwaitingStep.PROMOTION ? EXISTING_LANE : CANDIDATE_LANE;
        String name = rollout.getCandidate().getLane();
        return name == null ? arm : arm + "-" + name;
    }

    /**
     * A program must say that it serves the model, and none the opposite. Where built-in scorers serve it, each one in
     * the lane must, because each gets a share of the requests.
     */
    private Finding find(String deployment, Rollout rollout, String lane) {
        String version = rollout.getCandidate().getVersion();
        List<ModelReadiness> said = view.model(lane, deployment, version);
        Set<String> ready = said.stream()
                .filter(one -> one.getStatus() == ReadinessStatus.READY)
                .map(ModelReadiness::getInstance)
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> missing = new ArrayList<>();
        said.stream()
                .filter(one -> one.getStatus() != ReadinessStatus.READY)
                .forEach(one -> missing.add(one.getInstance() + " is " + one.getStatus()
                        + (one.getCause() == null ? "" : ": " + one.getCause())));
        if (rollout.getCandidate().getScorer() != ScorerKind.EXTERNAL) {
            Set<String> answered =
                    said.stream().map(ModelReadiness::getInstance).collect(Collectors.toSet());
            view.lane(lane).stream()
                    .filter(one -> one.getStatus() == ReadinessStatus.READY)
                    .map(ModelReadiness::getInstance)
                    .filter(instance -> !answered.contains(instance))
                    .forEach(instance -> missing.add(instance + " reads the lane and has not said that it serves it"));
        }
        if (ready.isEmpty() && missing.isEmpty()) {
            missing.add("no program says that it serves it");
        }
        return new Finding(ready, missing);
    }

    private static RolloutCommand command(RolloutState state, RolloutVerb verb, String reason, Instant now) {
        Rollout rollout = state.getRollout();
        return RolloutCommand.newBuilder()
                // The same for the same wait, so that it counts once.
                .setId(verb + "-" + rollout.getId() + "-" + state.getVersion())
                .setDeployment(state.getDeployment())
                .setVerb(verb)
                .setActor(ControlContext.ROLE)
                .setRollout(rollout.getId())
                .setEpoch(rollout.getEpoch())
                // Another step may wait by the time this is read.
                .setExpectedVersion(state.getVersion())
                .setReason(reason.substring(0, Math.min(reason.length(), MAX_REASON_LENGTH)))
                .setIssuedAt(now)
                .build();
    }
}

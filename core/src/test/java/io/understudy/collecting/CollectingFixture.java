package io.understudy.collecting;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.assignment.TrafficSplit;
import io.understudy.collecting.PendingRequests.Due;
import io.understudy.plan.SpecReader;
import io.understudy.rollout.RolloutMachine;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Live rollouts of the deployment {@code d}, answers and outcomes of them, and a collector that keeps its requests in a
 * map.
 */
final class CollectingFixture {

    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    static final String SHADOW = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            outcome-window: 1h
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2}
              - {name: same, kind: agreement, role: diagnostic, tolerance: 0.1}
            stages: [{kind: shadow, require: superiority}]
            """;

    static final String CANARY = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            metrics:
              - {name: errors, kind: error-rate, role: guardrail, margin: 2}
            stages: [{kind: canary, share: 50%}]
            fallback: {deadline: 2s}
            """;

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    final Map<String, PendingRequest> pending = new HashMap<>();

    /** The requests that are due, by time and identifier. */
    final TreeMap<String, Due> due = new TreeMap<>();

    private CollectingFixture() {}

    static CollectingFixture empty() {
        return new CollectingFixture();
    }

    /** The rollout {@code yaml}, started at {@link #START}. */
    static LiveRollout live(String yaml) {
        RolloutMachine machine = new RolloutMachine(model -> model);
        RolloutState deployed = machine.apply(Optional.empty(), command(RolloutVerb.DEPLOY, """
                deployment: d
                existing: {version: v1, scorer: {kind: external}}
                """), START)
                .state()
                .orElseThrow();
        RolloutState started = machine.apply(Optional.of(deployed), command(RolloutVerb.START, yaml), START)
                .state()
                .orElseThrow();
        return new LiveRollout(started, SpecReader.evidence(yaml), TrafficSplit.of(started));
    }

    private static RolloutCommand command(RolloutVerb verb, String spec) {
        return RolloutCommand.newBuilder()
                .setId(verb.name())
                .setDeployment("d")
                .setVerb(verb)
                .setActor("test")
                .setForce(true)
                .setSpec(spec)
                .setIssuedAt(START)
                .build();
    }

    /** The same rollout in its next epoch. */
    static LiveRollout nextEpoch(LiveRollout live) {
        RolloutState state = RolloutState.newBuilder(live.state())
                .setRollout(Rollout.newBuilder(live.rollout())
                        .setEpoch(live.rollout().getEpoch() + 1)
                        .build())
                .build();
        return new LiveRollout(state, live.plan(), TrafficSplit.of(state));
    }

    /** A collector of partition 0 of 1 whose silence counts from {@link #START}. */
    WindowCollector collector() {
        return new WindowCollector(
                new CollectorSettings(0, 1, SILENCE, START.toEpochMilli(), MAX_AHEAD), new PendingRequests() {
                    @Override
                    public Optional<PendingRequest> get(String deployment, String requestId) {
                        return Optional.ofNullable(pending.get(deployment + "/" + requestId));
                    }

                    @Override
                    public void put(String deployment, String requestId, PendingRequest request) {
                        pending.put(deployment + "/" + requestId, request);
                    }

                    @Override
                    public void putDue(String deployment, Due request) {
                        due.put(request.time() + "/" + request.requestId(), request);
                    }

                    @Override
                    public List<Due> takeDue(String deployment, long before) {
                        Map<String, Due> taken = due.headMap(Long.toString(before));
                        List<Due> requests = List.copyOf(taken.values());
                        taken.clear();
                        return requests;
                    }
                });
    }

    static long at(long millis) {
        return START.toEpochMilli() + millis;
    }

    static Collected answer(WindowCollector collector, LiveRollout live, long millis, Prediction.Builder prediction) {
        Source source = prediction.getMirrored() ? Source.CANDIDATE_PREDICTIONS : Source.PREDICTIONS;
        Arrival arrival = collector.recordArrival(source, at(millis), at(millis));
        return collector.collectAnswer(arrival, live, prediction.build(), KEY);
    }

    static Collected outcome(WindowCollector collector, LiveRollout live, long millis, String requestId, Object value) {
        Arrival arrival = collector.recordArrival(Source.OUTCOMES, at(millis), at(millis));
        return collector.collectOutcome(
                arrival,
                live,
                Outcome.newBuilder()
                        .setRequestId(requestId)
                        .setDeployment("d")
                        .setName("label")
                        .setValue(value)
                        .setObservedAt(START)
                        .build(),
                KEY);
    }

    /** An answer of the current epoch; the candidate's is mirrored. */
    static Prediction.Builder prediction(LiveRollout live, String requestId, Arm arm, double score) {
        return Prediction.newBuilder()
                .setRequestId(requestId)
                .setDeployment("d")
                .setModelVersion(arm == Arm.CANDIDATE ? "v2" : "v1")
                .setArm(arm)
                .setRollout(live.rollout().getId())
                .setStage(0)
                .setEpoch(live.rollout().getEpoch())
                .setMirrored(arm == Arm.CANDIDATE && live.stage().isShadow())
                .setStatus(PredictionStatus.OK)
                .setScore(score)
                .setReceivedAt(START);
    }
}

package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.control.ControlContext;
import io.understudy.control.ControlMeters;
import io.understudy.control.ControlTopology;
import io.understudy.routing.RoutingContext;
import io.understudy.routing.RoutingMeters;
import io.understudy.routing.RoutingTopology;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import io.understudy.wire.RouteHeaderReader;
import io.understudy.wire.Routed;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Whole rollouts through the topologies of controller, router and evaluator, whose senders have wrong clocks. The clocks
 * of the roles are right. A wrong clock may add a warning, and must change nothing else.
 */
class SkewedClocksTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int REQUESTS = 800;
    private static final int OUTCOME_DELAY = 20;
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private static final String DEPLOYMENT = """
            deployment: sums
            existing: {version: v1, scorer: {kind: external}}
            """;

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            salt: salt
            unit: request
            outcome-window: 1h
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2.5, negligible: 0.05}
            stages:
              - {kind: ab, share: 50%, require: superiority, minimum: {units: 300, duration: 30s}}
            policies: {grace: 10s}
            """;

    private final TopologyFixture controller = new TopologyFixture(ControlContext.ROLE, 1024 * 1024);
    private final TopologyFixture router = new TopologyFixture(RoutingContext.ROLE, 1024 * 1024);
    private final TopologyFixture evaluator = new TopologyFixture(EvaluationContext.ROLE, 1024 * 1024);
    private final Topics topics = evaluator.topics();
    private Instant now = START;

    @AfterEach
    void stop() {
        controller.close();
        router.close();
        evaluator.close();
    }

    @Test
    void oneRequestFromAClockThatIs55MinutesAheadChangesNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        assertThat(asEver).hasSizeGreaterThan(10);
        assertThat(asEver).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.PASS);
        assertThat(asEver).noneMatch(SkewedClocksTest::warnsOfClocks);

        List<RolloutEvaluation> skewed = play(Duration.ZERO, request -> Duration.ofMinutes(request == 300 ? 55 : 0));
        assertThat(withoutWarnings(skewed)).isEqualTo(withoutWarnings(asEver));
        assertThat(skewed).filteredOn(SkewedClocksTest::warnsOfClocks).hasSize(1);
    }

    @Test
    void requestsFromClocksThatAreAnHourAheadOrBehindChangeNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        List<RolloutEvaluation> ahead = play(Duration.ZERO, request -> Duration.ofMinutes(request % 20 == 7 ? 60 : 0));
        assertThat(withoutWarnings(ahead)).isEqualTo(withoutWarnings(asEver));
        assertThat(ahead)
                .first()
                .satisfies(evaluation ->
                        assertThat(evaluation.getWarnings()).anyMatch(warning -> warning.startsWith("the times of ")));

        List<RolloutEvaluation> behind = play(Duration.ZERO, request -> Duration.ofMinutes(-60));
        assertThat(behind).isEqualTo(asEver);
    }

    @Test
    void aStartFromALaptopWhoseClockIs40MinutesAheadOrBehindChangesNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        assertThat(play(Duration.ofMinutes(40), SkewedClocksTest::right)).isEqualTo(asEver);
        assertThat(play(Duration.ofMinutes(-40), SkewedClocksTest::right)).isEqualTo(asEver);
    }

    /** The senders of all requests have the right time. */
    private static Duration right(int request) {
        return Duration.ZERO;
    }

    private static boolean warnsOfClocks(RolloutEvaluation evaluation) {
        return evaluation.getWarnings().stream().anyMatch(warning -> warning.contains("ahead of the router's clock"));
    }

    private static List<RolloutEvaluation> withoutWarnings(List<RolloutEvaluation> evaluations) {
        return evaluations.stream()
                .map(evaluation -> RolloutEvaluation.newBuilder(evaluation)
                        .setWarnings(List.of())
                        .build())
                .toList();
    }

    /**
     * Plays a rollout whose candidate is better.
     *
     * @param laptop by how much the clock of the sender of commands is ahead
     * @param senders by how much the clock of the sender of a request is ahead, by the number of the request
     */
    private List<RolloutEvaluation> play(Duration laptop, IntFunction<Duration> senders) {
        startRoles();
        command("c-1", RolloutVerb.DEPLOY, DEPLOYMENT, laptop);
        command("c-2", RolloutVerb.START, ROLLOUT, laptop);
        Random random = new Random(42);
        boolean[] happened = new boolean[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            happened[i] = random.nextBoolean();
            now = now.plus(STEP);
            List.of(controller, router, evaluator).forEach(role -> role.driver().advanceWallClockTime(STEP));
            request("r-" + i, now.plus(senders.apply(i)));
            double noise = random.nextDouble() * 0.1;
            answerExisting((happened[i] ? 0.6 : 0.3) + noise);
            answerCandidate((happened[i] ? 0.9 : 0) + noise);
            router.read(topics.predictions()).forEach(served -> evaluator.pipe(topics.predictions(), served));
            if (i >= OUTCOME_DELAY) {
                outcome("r-" + (i - OUTCOME_DELAY), happened[i - OUTCOME_DELAY]);
            }
        }
        return evaluator.values(topics.rolloutEvaluations(), RolloutEvaluation.class);
    }

    private void startRoles() {
        now = START;
        controller.start(
                meters -> ControlTopology.build(
                        topics,
                        new ControlContext(topics, controller.registry(), new ControlMeters(meters), model -> model)),
                START);
        router.start(
                meters -> RoutingTopology.build(
                        topics,
                        new RoutingContext(
                                topics,
                                router.registry(),
                                new RoutingMeters(meters),
                                () -> now,
                                1024 * 1024,
                                MAX_AHEAD)),
                START);
        evaluator.start(
                meters -> EvaluationTopology.build(
                        topics,
                        new EvaluationContext(
                                topics,
                                evaluator.registry(),
                                new EvaluationMeters(meters),
                                () -> 1,
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                Duration.ZERO,
                                MAX_AHEAD)),
                START);
    }

    private void command(String id, RolloutVerb verb, String spec, Duration laptop) {
        Instant issuedAt = now.plus(laptop);
        RolloutCommand command = RolloutCommand.newBuilder()
                .setId(id)
                .setDeployment("sums")
                .setVerb(verb)
                .setActor("tester")
                .setSpec(spec)
                .setIssuedAt(issuedAt)
                .build();
        controller.pipe(
                topics.rolloutCommands(), record(controller.encode(topics.rolloutCommands(), command), issuedAt));
        RolloutState state = controller.onlyValue(topics.rolloutState(), RolloutState.class);
        router.pipe(state);
        evaluator.pipe(state);
    }

    private void request(String id, Instant sentAt) {
        PredictionRequest request = PredictionRequest.newBuilder()
                .setRequestId(id)
                .setDeployment("sums")
                .setEventTime(sentAt)
                .setFeatures(Map.of())
                .build();
        router.pipe(topics.predictionRequests(), record(router.encode(topics.predictionRequests(), request), sentAt));
    }

    private void answerExisting(double score) {
        for (TestRecord<byte[], byte[]> request : router.read(topics.existingRequests())) {
            evaluator.pipe(topics.predictions(), answer(topics.predictions(), request, score));
        }
    }

    /** The candidate's answers pass the guard. */
    private void answerCandidate(double score) {
        for (TestRecord<byte[], byte[]> request : router.read(topics.candidateRequests())) {
            TestRecord<byte[], byte[]> answer = answer(topics.candidatePredictions(), request, score);
            router.pipe(topics.candidatePredictions(), answer);
            evaluator.pipe(topics.candidatePredictions(), answer);
        }
    }

    /** The answer of a scorer, which copies the times of the request. */
    private TestRecord<byte[], byte[]> answer(Topic topic, TestRecord<byte[], byte[]> request, double score) {
        Routed routed = route(request);
        Prediction answer = Prediction.newBuilder()
                .setRequestId(router.registry()
                        .decoder(topics.predictionRequests(), PredictionRequest.class)
                        .decode(request.value())
                        .getRequestId())
                .setDeployment("sums")
                .setModelVersion(routed.route().modelVersion())
                .setArm(routed.route().arm())
                .setRollout(routed.route().part().orElseThrow().rollout())
                .setStage(routed.route().part().orElseThrow().stage())
                .setEpoch(routed.route().part().orElseThrow().epoch())
                .setStatus(PredictionStatus.OK)
                .setScore(score)
                .setReceivedAt(Instant.ofEpochMilli(routed.receivedAt().orElse(request.timestamp())))
                .setRoutedAt(Instant.ofEpochMilli(routed.routedAt()))
                .build();
        assertThat(answer.getArm()).isNotEqualTo(Arm.UNKNOWN);
        return record(router.encode(topic, answer), Instant.ofEpochMilli(request.timestamp()));
    }

    private static Routed route(TestRecord<byte[], byte[]> request) {
        try {
            return new RouteHeaderReader().read(request.headers());
        } catch (UnusableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private void outcome(String id, boolean happened) {
        Outcome outcome = Outcome.newBuilder()
                .setRequestId(id)
                .setDeployment("sums")
                .setName("happened")
                .setValue(happened)
                .setObservedAt(now)
                .build();
        evaluator.pipe(topics.outcomes(), record(evaluator.encode(topics.outcomes(), outcome), now));
    }

    private static TestRecord<byte[], byte[]> record(byte[] value, Instant time) {
        return new TestRecord<>("sums".getBytes(UTF_8), value, new RecordHeaders(), time);
    }
}

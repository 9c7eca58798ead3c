package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.control.ControlContext;
import io.understudy.control.ControlMeters;
import io.understudy.control.ControlTopology;
import io.understudy.control.Inspections;
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
import io.understudy.streams.ReadProgress;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import io.understudy.wire.RouteHeaderReader;
import io.understudy.wire.Routed;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;

/**
 * A rollout through the topologies of controller, router and evaluator, with scorers and senders that a test plays. Every
 * tenth of a second there is a request, which is answered at once. The clocks of the roles are right.
 */
final class WholeRollout implements AutoCloseable {

    /** A model, as the test plays it: its score for a request. */
    @FunctionalInterface
    interface Model {
        /**
         * @param request the number of the request, from 0
         * @param happened what is going to happen
         * @param noise a random number from 0 to .1
         */
        double score(int request, boolean happened, double noise);
    }

    /** The outcomes that arrive. */
    @FunctionalInterface
    interface Outcomes {
        /** Whether the outcome of a request arrives; {@code arm} is the arm that the request was routed to. */
        boolean arrives(Arm arm, boolean happened);
    }

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int OUTCOME_DELAY = 20;
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private static final String DEPLOYMENT = """
            deployment: sums
            existing: {version: v1, scorer: {kind: external}}
            """;

    private final String rollout;
    private final TopologyFixture controller = new TopologyFixture(ControlContext.ROLE, 1024 * 1024);
    private final TopologyFixture router = new TopologyFixture(RoutingContext.ROLE, 1024 * 1024);
    private final TopologyFixture evaluator = new TopologyFixture(EvaluationContext.ROLE, 1024 * 1024);
    private final Topics topics = evaluator.topics();
    private final Map<String, Arm> arms = new HashMap<>();
    private Instant now = START;
    private Duration laptop = Duration.ZERO;
    private IntFunction<Duration> senders = request -> Duration.ZERO;
    private Model existing = (request, happened, noise) -> (happened ? 0.6 : 0.3) + noise;
    private Model candidate = (request, happened, noise) -> (happened ? 0.9 : 0) + noise;
    private Outcomes outcomes = (arm, happened) -> true;

    /** A rollout of deployment sums. */
    WholeRollout(String rollout) {
        this.rollout = rollout;
    }

    /** By how much the clock of the sender of commands is ahead. */
    WholeRollout laptop(Duration ahead) {
        laptop = ahead;
        return this;
    }

    /** By how much the clock of the sender of a request is ahead, by the number of the request. */
    WholeRollout senders(IntFunction<Duration> ahead) {
        senders = ahead;
        return this;
    }

    WholeRollout existing(Model model) {
        existing = model;
        return this;
    }

    WholeRollout candidate(Model model) {
        candidate = model;
        return this;
    }

    WholeRollout outcomes(Outcomes arriving) {
        outcomes = arriving;
        return this;
    }

    /** Plays {@code requests} requests and returns all evaluations. */
    List<RolloutEvaluation> play(int requests) {
        startRoles();
        command("c-1", RolloutVerb.DEPLOY, DEPLOYMENT);
        command("c-2", RolloutVerb.START, rollout);
        Random random = new Random(42);
        boolean[] happened = new boolean[requests];
        for (int i = 0; i < requests; i++) {
            happened[i] = random.nextBoolean();
            now = now.plus(STEP);
            List.of(controller, router, evaluator).forEach(role -> role.driver().advanceWallClockTime(STEP));
            request("r-" + i, now.plus(senders.apply(i)));
            double noise = random.nextDouble() * 0.1;
            answerExisting(existing.score(i, happened[i], noise));
            answerCandidate(candidate.score(i, happened[i], noise));
            router.read(topics.predictions()).forEach(served -> evaluator.pipe(topics.predictions(), served));
            int known = i - OUTCOME_DELAY;
            if (known >= 0
                    && outcomes.arrives(
                            Optional.ofNullable(arms.get("r-" + known)).orElseThrow(), happened[known])) {
                outcome("r-" + known, happened[known]);
            }
        }
        return evaluator.values(topics.rolloutEvaluations(), RolloutEvaluation.class);
    }

    @Override
    public void close() {
        controller.close();
        router.close();
        evaluator.close();
    }

    private void startRoles() {
        controller.start(
                meters -> {
                    ControlMeters own = new ControlMeters(meters);
                    Inspections none = new Inspections(model -> model, Runnable::run, Duration.ofMinutes(1), own);
                    return ControlTopology.build(topics, new ControlContext(topics, controller.registry(), own, none));
                },
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
                                MAX_AHEAD,
                                1024 * 1024,
                                ReadProgress.UNKNOWN)),
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
                                MAX_AHEAD),
                        1),
                START);
    }

    private void command(String id, RolloutVerb verb, String spec) {
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
        String id = router.registry()
                .decoder(topics.predictionRequests(), PredictionRequest.class)
                .decode(request.value())
                .getRequestId();
        arms.put(id, routed.route().arm());
        Prediction answer = Prediction.newBuilder()
                .setRequestId(id)
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

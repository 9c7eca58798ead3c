package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.understudy.assignment.TrafficSplit;
import io.understudy.metrics.Metric;
import io.understudy.rollout.RolloutMachine;
import io.understudy.schema.Arm;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.assertj.core.api.Assertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTopologyTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private static final String JUDGED = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            outcome-window: 1h
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2.5, negligible: 0.01}
              - {name: same, kind: agreement, role: diagnostic, tolerance: 0.1}
              - {name: drift, kind: score-drift, role: diagnostic}
            stages:
              - {kind: shadow, require: superiority, minimum: {units: 300}}
            """;

    private static final String OPERATIONAL = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            metrics:
              - {name: errors, kind: error-rate, role: guardrail, margin: 2}
            stages: [{kind: shadow}]
            """;

    private final TopologyFixture evaluator = new TopologyFixture(EvaluationContext.ROLE, 1024 * 1024);
    private final Topics topics = evaluator.topics();
    private RolloutState state;

    @BeforeEach
    void start() {
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
                                Duration.ofMinutes(1)),
                        1),
                START);
    }

    @AfterEach
    void stop() {
        evaluator.close();
    }

    /** A message that the evaluator receives. */
    private record Message(Topic topic, long millis, String key, byte[] value) {}

    @Test
    void joinsAnswersAndOutcomesInAnyOrderAndCountsEachRequestOnce() {
        startRollout(JUDGED);
        send(outcome("r-1", 100, true));
        send(answer("r-1", 110, Arm.EXISTING, 0.6));
        send(answer("r-1", 120, Arm.CANDIDATE, 0.9));
        send(answer("r-2", 130, Arm.CANDIDATE, 0.2));
        send(answer("r-2", 140, Arm.EXISTING, 0.5));
        send(outcome("r-2", 150, false));
        send(outcome("r-2", 160, false));
        send(answer("r-2", 170, Arm.EXISTING, 0.5));
        send(outcome("r-3", 180, true));
        advanceTopics(5000);

        RolloutEvaluation evaluation = onlyEvaluation();
        assertThat(evaluation.getRollout()).isEqualTo("sums-v2-2");
        assertThat(evaluation.getWindowStart()).isEqualTo(START);
        assertThat(evaluation.getWindowEnd()).isEqualTo(START.plusSeconds(5));
        assertThat(evaluation.getClosedByWallClock()).isFalse();
        MetricEvaluation brier = metric(evaluation, "brier");
        assertThat(brier.getCandidate().getUnits()).isEqualTo(2);
        assertThat(brier.getExisting().getEstimate()).isEqualTo((0.16 + 0.25) / 2);
        assertThat(brier.getCandidate().getEstimate()).isEqualTo((0.1 * 0.1 + 0.2 * 0.2) / 2, within());
        assertThat(metric(evaluation, "same").getCandidate().getEstimate()).isZero();
        assertThat(evaluation.getExisting().getRequests()).isEqualTo(2);
        assertThat(evaluation.getCandidate().getLabelled()).isEqualTo(2);
        assertThat(evaluation.getDisagreements())
                .extracting(disagreement -> disagreement.getRequestId())
                .containsExactly("r-1", "r-2");
        assertThat(evaluation.getVerdict()).isEqualTo(Verdict.HOLD);
        assertThat(evaluation.getReason()).isEqualTo("below the stage's minimum: 2 of 300 units in the smaller arm");
        assertThat(evaluator.count(Metric.JOINS_DUPLICATED, "deployment", "sums"))
                .isEqualTo(2);
        assertThat(evaluator.count(Metric.JOINS_MATCHED, "deployment", "sums")).isEqualTo(2);
    }

    private static Offset<Double> within() {
        return Assertions.within(1e-12);
    }

    @Test
    void passesABetterCandidateAndAbortsAWorseOne() {
        startRollout(JUDGED);
        traffic(1500, 0.9, 0.6).forEach(this::send);
        advanceTopics(600_000);
        assertThat(evaluations()).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.PASS);

        start();
        startRollout(JUDGED);
        traffic(1500, 0.6, 0.9).forEach(this::send);
        advanceTopics(600_000);
        List<RolloutEvaluation> evaluations = evaluations();
        RolloutEvaluation last = evaluations.get(evaluations.size() - 1);
        assertThat(last.getVerdict()).isEqualTo(Verdict.ABORT);
        assertThat(last.getReason()).startsWith("brier is worse: candidate ");
        assertThat(metric(last, "brier").getLogEvidenceOfHarm())
                .isGreaterThan(metric(last, "brier").getThresholdOfHarm());
    }

    /** Only the order within each topic matters, not how a task interleaves the topics. */
    @ParameterizedTest
    @ValueSource(strings = {"count: at-arrival", "count: at-maturity, outcome-window: 10s"})
    void givesBitIdenticalEvaluationsHoweverTheTopicsInterleave(String count) {
        String rollout = JUDGED.replace("mde: 0.05", "mde: 0.05, " + count);
        List<RolloutEvaluation> inTurn = play(rollout, new Random(1), 1.0);
        List<RolloutEvaluation> topicByTopic = play(rollout, new Random(2), 0.0);
        List<RolloutEvaluation> mixed = play(rollout, new Random(3), 0.5);
        assertThat(inTurn).hasSizeGreaterThan(10);
        assertThat(topicByTopic).isEqualTo(inTurn);
        assertThat(mixed).isEqualTo(inTurn);
    }

    /**
     * Processes the same topics.
     *
     * @param fairness how often the earliest message is taken instead of one from a random topic; 0 takes one topic
     * after the other
     */
    private List<RolloutEvaluation> play(String rollout, Random random, double fairness) {
        start();
        startRollout(rollout);
        List<Message> messages = traffic(600, 0.8, 0.6);
        Map<Message, Integer> positions = new IdentityHashMap<>();
        messages.forEach(message -> positions.put(message, positions.size()));
        List<List<Message>> byTopic = new ArrayList<>();
        for (Topic topic : List.of(topics.predictions(), topics.candidatePredictions(), topics.outcomes())) {
            byTopic.add(new ArrayList<>(messages.stream()
                    .filter(message -> message.topic().equals(topic))
                    .toList()));
        }
        while (byTopic.stream().anyMatch(queue -> !queue.isEmpty())) {
            List<List<Message>> nonEmpty =
                    byTopic.stream().filter(queue -> !queue.isEmpty()).toList();
            List<Message> next = nonEmpty.get(0);
            if (random.nextDouble() < fairness) {
                for (List<Message> queue : nonEmpty) {
                    next = positions.get(queue.get(0)) < positions.get(next.get(0)) ? queue : next;
                }
            } else if (fairness > 0) {
                next = nonEmpty.get(random.nextInt(nonEmpty.size()));
            }
            send(next.remove(0));
        }
        advanceTopics(600_000);
        return evaluations().stream()
                .map(evaluation ->
                        RolloutEvaluation.newBuilder(evaluation).setAt(START).build())
                .toList();
    }

    @Test
    void storesNoRequestsWhenOnlyAnswersAreCounted() {
        startRollout(OPERATIONAL);
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        send(outcome("r-1", 120, true));
        advanceTopics(5000);
        assertThat(pendingRequests()).isZero();
        assertThat(metric(onlyEvaluation(), "errors").getCandidate().getUnits()).isEqualTo(1);
    }

    @Test
    void doesNotCountAnOutcomeThatArrivesAfterTheOutcomeWindow() {
        startRollout(JUDGED);
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        send(outcome("r-1", Duration.ofHours(1).toMillis() + 200, true));
        advanceTopics(Duration.ofHours(2).toMillis());
        List<RolloutEvaluation> evaluations = evaluations();
        assertThat(metric(evaluations.get(evaluations.size() - 1), "brier")
                        .getCandidate()
                        .getUnits())
                .isZero();
        assertThat(evaluator.count(Metric.OUTCOMES_LATE, "deployment", "sums")).isEqualTo(1);
    }

    @Test
    void countsALaterLabelInTheWindowInWhichItArrives() {
        startRollout(JUDGED);
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        send(outcome("r-0", 200, true));
        advanceTopics(60_000);
        assertThat(metric(onlyEvaluation(), "brier").getCandidate().getUnits()).isZero();
        send(outcome("r-1", 62_000, true));
        advanceTopics(70_000);
        RolloutEvaluation late = evaluations().stream()
                .filter(evaluation -> evaluation.getWindowStart().equals(START.plusSeconds(60)))
                .findFirst()
                .orElseThrow();
        assertThat(metric(late, "brier").getCandidate().getUnits()).isEqualTo(1);
    }

    @Test
    void countsARequestAtItsMaturityAndForgetsItAfterwards() {
        startRollout(JUDGED.replace("mde: 0.05", "mde: 0.05, count: at-maturity, outcome-window: 30s"));
        send(answer("r-2", 90, Arm.EXISTING, 0.6));
        send(answer("r-2", 90, Arm.CANDIDATE, 0.9));
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        send(outcome("r-1", 2000, true));
        send(outcome("r-2", 31_000, true));
        advanceTopics(30_000);
        assertThat(evaluations())
                .allSatisfy(evaluation -> assertThat(
                                metric(evaluation, "brier").getCandidate().getUnits())
                        .isZero());
        advanceTopics(35_000);
        RolloutEvaluation matured = onlyEvaluation();
        assertThat(matured.getWindowStart()).isEqualTo(START.plusSeconds(30));
        assertThat(metric(matured, "brier").getCandidate().getUnits()).isEqualTo(1);
        assertThat(pendingRequests())
                .as("the requests, and nothing that is due")
                .isEqualTo(2);
    }

    @Test
    void closesWindowsByTheWallClockWhenTrafficStopsAndReportsIt() {
        startRollout(JUDGED);
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        evaluator.driver().advanceWallClockTime(Duration.ofMillis(5900));
        assertThat(evaluations()).isEmpty();
        evaluator.driver().advanceWallClockTime(Duration.ofMillis(200));
        assertThat(onlyEvaluation().getClosedByWallClock()).isTrue();
        send(answer("r-2", 200, Arm.EXISTING, 0.6));
        evaluator.driver().advanceWallClockTime(Duration.ofMillis(6000));
        RolloutEvaluation next = onlyEvaluation();
        assertThat(next.getWindowStart())
                .as("an answer that arrives after its window has closed counts in the next one")
                .isEqualTo(START.plusSeconds(5));
        assertThat(next.getExisting().getRequests()).isEqualTo(2);
    }

    @Test
    void reportsThatTheCandidateHasNoData() {
        startRollout(JUDGED);
        for (int second = 0; second < 70; second++) {
            send(answer("r-" + second, second * 1000L, Arm.EXISTING, 0.6));
            evaluator.driver().advanceWallClockTime(Duration.ofSeconds(1));
        }
        List<RolloutEvaluation> evaluations = evaluations();
        assertThat(evaluations.get(evaluations.size() - 1).getVerdict()).isEqualTo(Verdict.NO_DATA);
        assertThat(evaluations.get(evaluations.size() - 1).getReason())
                .startsWith("the candidate has not answered a request within ");
    }

    @Test
    void ignoresAnswersThatDoNotBelongToALiveRollout() {
        startRollout(JUDGED);
        send(message(
                topics.predictions(),
                100,
                evaluator.encode(
                        topics.predictions(),
                        Prediction.newBuilder(prediction("r-1", Arm.EXISTING, 0.5))
                                .setEpoch(7)
                                .build())));
        advanceTopics(5000);
        assertThat(evaluations()).isEmpty();
        assertThat(evaluator.count(Metric.ANSWERS_STALE, "deployment", "sums")).isEqualTo(1);
    }

    @Test
    void countsOnlyRequestsInTheSampleOfAPartialMirror() {
        startRollout(JUDGED.replace("kind: shadow,", "kind: shadow, mirror: 20%,"));
        int mirrored = 0;
        TrafficSplit split = TrafficSplit.of(state);
        for (int i = 0; i < 200; i++) {
            send(answer("r-" + i, i, Arm.EXISTING, 0.6));
            if (split.mirrors("key".getBytes(UTF_8), "r-" + i)) {
                mirrored++;
                send(answer("r-" + i, i, Arm.CANDIDATE, 0.9));
            }
            send(outcome("r-" + i, i, true));
        }
        advanceTopics(5000);
        RolloutEvaluation evaluation = onlyEvaluation();
        assertThat(mirrored).isBetween(15, 70);
        assertThat(evaluation.getExisting().getRequests()).isEqualTo(mirrored);
        assertThat(evaluation.getExisting().getLabelled()).isEqualTo(mirrored);
        assertThat(pendingRequests()).isEqualTo(mirrored);
    }

    @Test
    void deadLettersUnreadableRecordsAndContinues() {
        startRollout(JUDGED);
        send(message(topics.outcomes(), 50, "garbage".getBytes(UTF_8)));
        send(answer("r-1", 100, Arm.EXISTING, 0.6));
        send(answer("r-1", 110, Arm.CANDIDATE, 0.9));
        advanceTopics(5000);
        assertThat(onlyEvaluation().getExisting().getRequests()).isEqualTo(1);
        TestRecord<byte[], byte[]> deadLetter = evaluator.only(topics.deadLetters());
        assertThat(deadLetter.value()).isEqualTo("garbage".getBytes(UTF_8));
        assertThat(TopologyFixture.header(deadLetter, "understudy-reason")).isEqualTo("not-avro");
    }

    /** A metric that names no outcome may read any, so each of them is kept until it is decided. */
    @Test
    void keepsABoundedPartOfTheOutcomesOfARequest() {
        startRollout(JUDGED);
        for (int i = 0; i < 40; i++) {
            send(outcome("r-1", 100, "name-" + i, "x".repeat(500_000)));
        }
        for (int i = 0; i < 300; i++) {
            send(outcome("r-2", 100, "name-" + i, true));
        }
        List<TestRecord<byte[], byte[]>> deadLetters = evaluator.read(topics.deadLetters());
        assertThat(deadLetters)
                .hasSize(40 + 100)
                .allSatisfy(letter -> assertThat(TopologyFixture.header(letter, "understudy-reason"))
                        .isEqualTo("too-many-outcomes"));
        assertThat(evaluator.count(Metric.DEAD_LETTERS, "reason", "too-many-outcomes"))
                .isEqualTo(140);
        assertThat(pendingBytes()).isLessThan(100_000);
    }

    @Test
    void joinsARequestWhoseOutcomesAreMoreThanAreKept() {
        startRollout(JUDGED);
        for (int i = 0; i < 300; i++) {
            send(outcome("r-1", 100, "name-" + i, true));
        }
        send(answer("r-1", 110, Arm.EXISTING, 0.6));
        send(answer("r-1", 120, Arm.CANDIDATE, 0.9));
        advanceTopics(5000);
        assertThat(metric(onlyEvaluation(), "brier").getCandidate().getUnits()).isEqualTo(1);
    }

    @Test
    void keepsNothingOfRequestsWhoseIdentifiersAreTooLong() {
        startRollout(JUDGED);
        send(outcome("r".repeat(5000), 100, true));
        send(answer("r".repeat(5000), 110, Arm.CANDIDATE, 0.9));
        assertThat(evaluator.read(topics.deadLetters()))
                .hasSize(2)
                .allSatisfy(letter -> assertThat(TopologyFixture.header(letter, "understudy-reason"))
                        .isEqualTo("too-large"));
        assertThat(pendingRequests()).isZero();
    }

    private void startRollout(String rollout) {
        state = startRollout("sums", rollout);
    }

    private RolloutState startRollout(String deployment, String rollout) {
        RolloutMachine machine = new RolloutMachine(model -> model);
        RolloutState deployed = machine.apply(
                        Optional.empty(),
                        command(deployment, "c-1", RolloutVerb.DEPLOY, """
                                deployment: %s
                                existing: {version: v1, scorer: {kind: external}}
                                """.formatted(deployment)),
                        START)
                .state()
                .orElseThrow();
        RolloutState started = machine.apply(
                        Optional.of(deployed),
                        command(deployment, "c-2", RolloutVerb.START, rollout.replace("sums", deployment)),
                        START)
                .state()
                .orElseThrow();
        evaluator.pipe(started);
        return started;
    }

    private static RolloutCommand command(String deployment, String id, RolloutVerb verb, String spec) {
        return RolloutCommand.newBuilder()
                .setId(id)
                .setDeployment(deployment)
                .setVerb(verb)
                .setActor("tester")
                .setSpec(spec)
                .setIssuedAt(START)
                .build();
    }

    @Test
    void judgesEachDeploymentSeparately() {
        startRollout(OPERATIONAL);
        RolloutState other = startRollout("products", OPERATIONAL);
        for (int i = 0; i < 5; i++) {
            send(answer("r-" + i, 100 + i, Arm.EXISTING, 0.6));
            send(answer("r-" + i, 100 + i, Arm.CANDIDATE, 0.6));
        }
        send(message(
                topics.predictions(),
                200,
                evaluator.encode(
                        topics.predictions(),
                        Prediction.newBuilder(prediction("r-1", Arm.EXISTING, 0.5))
                                .setDeployment("products")
                                .setRollout(other.getRollout().getId())
                                .build())));
        advanceTopics(5000);
        assertThat(evaluations())
                .extracting(
                        RolloutEvaluation::getRollout,
                        evaluation -> evaluation.getExisting().getRequests())
                .containsExactlyInAnyOrder(tuple("sums-v2-2", 5L), tuple("products-v2-2", 1L));
    }

    /** Ten requests per second with both answers, and the outcome two seconds later; some answers are out of order. */
    private List<Message> traffic(int requests, double candidateSkill, double existingSkill) {
        Random random = new Random(42);
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            boolean outcome = random.nextBoolean();
            long at = i * 100L - (i % 17 == 0 ? 6000 : 0);
            double noise = random.nextDouble() * 0.1;
            messages.add(answer("r-" + i, at, Arm.EXISTING, (outcome ? existingSkill : 1 - existingSkill) - noise / 2));
            messages.add(
                    answer("r-" + i, at, Arm.CANDIDATE, (outcome ? candidateSkill : 1 - candidateSkill) - noise / 2));
            if (i >= 20) {
                messages.add(outcome("r-" + (i - 20), i * 100L, outcomes.get(i - 20)));
            }
            outcomes.add(outcome);
        }
        outcomes.clear();
        return messages;
    }

    private final List<Boolean> outcomes = new ArrayList<>();

    private Message answer(String id, long millis, Arm arm, double score) {
        Topic topic = arm == Arm.CANDIDATE ? topics.candidatePredictions() : topics.predictions();
        return message(topic, millis, evaluator.encode(topic, prediction(id, arm, score)));
    }

    private Prediction prediction(String id, Arm arm, double score) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("sums")
                .setModelVersion(arm == Arm.CANDIDATE ? "v2" : "v1")
                .setArm(arm)
                .setRollout(state.getRollout().getId())
                .setStage(0)
                .setEpoch(1)
                .setMirrored(arm == Arm.CANDIDATE)
                .setStatus(PredictionStatus.OK)
                .setScore(score)
                .setReceivedAt(START)
                .build();
    }

    private Message outcome(String id, long millis, boolean value) {
        return outcome(id, millis, "happened", value);
    }

    private Message outcome(String id, long millis, String name, Object value) {
        return message(
                topics.outcomes(),
                millis,
                evaluator.encode(
                        topics.outcomes(),
                        Outcome.newBuilder()
                                .setRequestId(id)
                                .setDeployment("sums")
                                .setName(name)
                                .setValue(value)
                                .setObservedAt(START)
                                .build()));
    }

    private static Message message(Topic topic, long millis, byte[] value) {
        return new Message(topic, millis, "key", value);
    }

    private void send(Message message) {
        evaluator.pipe(
                message.topic(),
                new TestRecord<>(message.key().getBytes(UTF_8), message.value(), START.plusMillis(message.millis())));
    }

    /** Advances the time of every topic, with records that do not belong to a rollout. */
    private void advanceTopics(long millis) {
        send(message(
                topics.outcomes(),
                millis,
                evaluator.encode(
                        topics.outcomes(),
                        Outcome.newBuilder()
                                .setRequestId("x")
                                .setDeployment("others")
                                .setName("x")
                                .setValue(1.0)
                                .setObservedAt(START)
                                .build())));
        for (Topic topic : List.of(topics.predictions(), topics.candidatePredictions())) {
            send(message(
                    topic,
                    millis,
                    evaluator.encode(
                            topic,
                            Prediction.newBuilder(prediction("x", Arm.EXISTING, 0.5))
                                    .setDeployment("others")
                                    .setRollout(null)
                                    .build())));
        }
    }

    private List<RolloutEvaluation> evaluations() {
        return evaluator.values(topics.rolloutEvaluations(), RolloutEvaluation.class);
    }

    private RolloutEvaluation onlyEvaluation() {
        List<RolloutEvaluation> evaluations = evaluations();
        assertThat(evaluations).hasSize(1);
        return evaluations.get(0);
    }

    private static MetricEvaluation metric(RolloutEvaluation evaluation, String name) {
        return evaluation.getMetrics().stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private long pendingBytes() {
        long bytes = 0;
        try (KeyValueIterator<String, byte[]> all = evaluator
                .driver()
                .<String, byte[]>getKeyValueStore(EvaluationNames.PENDING_STORE)
                .all()) {
            while (all.hasNext()) {
                bytes += all.next().value.length;
            }
        }
        return bytes;
    }

    private int pendingRequests() {
        int count = 0;
        try (KeyValueIterator<String, byte[]> all = evaluator
                .driver()
                .<String, byte[]>getKeyValueStore(EvaluationNames.PENDING_STORE)
                .all()) {
            while (all.hasNext()) {
                all.next();
                count++;
            }
        }
        return count;
    }
}

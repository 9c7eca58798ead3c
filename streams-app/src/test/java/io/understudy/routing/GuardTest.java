package io.understudy.routing;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.metrics.Metric;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.streams.ReadProgress.Reading;
import io.understudy.testing.States;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topics;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeaderReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final int MAX_BYTES = 4000;
    private static final int MAX_WAITING_BYTES = 100_000;
    private static final Duration DEADLINE = Duration.ofMillis(250);

    private final TopologyFixture router = new TopologyFixture(RoutingContext.ROLE, MAX_BYTES);
    private final Topics topics = router.topics();
    private Instant now = START;
    private Optional<Reading> reading = Optional.empty();

    @BeforeEach
    void start() {
        router.start(
                meters -> RoutingTopology.build(
                        topics,
                        new RoutingContext(
                                topics,
                                router.registry(),
                                new RoutingMeters(meters),
                                () -> now,
                                MAX_BYTES,
                                Duration.ofMinutes(1),
                                MAX_WAITING_BYTES,
                                partition -> reading)),
                START);
        state(States.serving(100_000));
    }

    @AfterEach
    void stop() {
        router.close();
    }

    @Test
    void servesAnAnswerOfTheCandidateThatArrivesInTime() {
        send("id-1");
        assertThat(router.only(topics.candidateRequests()).key()).isEqualTo("key".getBytes(UTF_8));
        advance(Duration.ofMillis(200));
        answer("id-1", PredictionStatus.OK, 0.5);
        advance(DEADLINE);

        Prediction served = served();
        assertThat(served.getScore()).isEqualTo(0.5);
        assertThat(served.getArm()).isEqualTo(Arm.CANDIDATE);
        assertThat(served.getModelVersion()).isEqualTo("v2");
        assertThat(served.getFallback()).isFalse();
        assertThat(served.getGuardedAt()).isEqualTo(START.plusMillis(200));
        assertThat(router.read(topics.existingRequests())).isEmpty();
    }

    @Test
    void fallsBackToTheExistingModelAfterTheDeadline() throws Exception {
        send("id-1");
        advance(DEADLINE.minusMillis(1));
        assertThat(router.read(topics.existingRequests())).isEmpty();
        advance(Duration.ofMillis(20));

        TestRecord<byte[], byte[]> fallback = router.only(topics.existingRequests());
        assertThat(fallback.value()).isEqualTo(encode("id-1"));
        assertThat(fallback.headers().lastHeader("trace").value()).containsExactly(7);
        assertThat(new RouteHeaderReader().read(fallback.headers()).route())
                .isEqualTo(new Route(
                        "sums",
                        Arm.EXISTING,
                        "v1",
                        Optional.of(Route.Scorer.BUILT_IN),
                        Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Fallback(PredictionStatus.TIMEOUT)))));
        assertThat(new RouteHeaderReader().read(fallback.headers()).routedAt())
                .as("the time at which it was first routed")
                .isEqualTo(START.toEpochMilli());
        assertThat(router.read(topics.predictions())).isEmpty();
    }

    @Test
    void aStallOfTheRouterIsNobodysTimeout() {
        for (int i = 0; i < 30; i++) {
            send("id-" + i);
        }
        advance(DEADLINE.minusMillis(50));
        stall(Duration.ofSeconds(3));
        assertThat(router.read(topics.existingRequests()))
                .as("no answer could be read")
                .isEmpty();
        for (int i = 0; i < 30; i++) {
            answer("id-" + i, PredictionStatus.OK, 0.5);
        }
        advance(DEADLINE);

        assertThat(router.values(topics.predictions(), Prediction.class))
                .hasSize(30)
                .allMatch(answer -> answer.getArm() == Arm.CANDIDATE);
        assertThat(router.read(topics.existingRequests())).isEmpty();
        assertThat(router.read(topics.rolloutCommands()))
                .as("the breaker stays closed")
                .isEmpty();
        assertThat(router.count(Metric.STALLED_SECONDS)).isEqualTo(2.98);
    }

    @Test
    void afterAStallTheCandidateHasTheRestOfItsTimeAndNoMore() {
        send("id-1");
        advance(Duration.ofMillis(200));
        stall(Duration.ofSeconds(60));
        advance(Duration.ofMillis(20));
        assertThat(router.read(topics.existingRequests())).isEmpty();
        advance(Duration.ofMillis(40));
        assertThat(router.read(topics.existingRequests())).hasSize(1);
        assertThat(router.count(Metric.FALLBACKS, "deployment", "sums", "candidate", "TIMEOUT"))
                .isEqualTo(1);
    }

    @Test
    void handlesTheAnswersThatAreThereBeforeItCallsADeadline() {
        reading = Optional.of(new Reading(10, 0, 0));
        send("answered");
        send("not answered");
        advance(DEADLINE.plusMillis(20));
        assertThat(router.read(topics.existingRequests()))
                .as("answers may have come since the last poll")
                .isEmpty();
        reading = Optional.of(new Reading(12, 1, 0));
        advance(Duration.ofMillis(20));
        assertThat(router.read(topics.existingRequests()))
                .as("an answer is polled and not handled")
                .isEmpty();
        answer("answered", PredictionStatus.OK, 0.5);
        advance(Duration.ofMillis(20));

        assertThat(served().getRequestId()).isEqualTo("answered");
        assertThat(router.only(topics.existingRequests()).value()).isEqualTo(encode("not answered"));
    }

    @Test
    void waitsForAnswersOnlyForABoundedTimeAndDoesNotBlameTheCandidate() {
        reading = Optional.of(new Reading(10, 0, 5));
        for (int i = 0; i < 30; i++) {
            send("id-" + i);
        }
        advance(DEADLINE.plus(AnswersFirst.PATIENCE));
        assertThat(router.read(topics.existingRequests())).isEmpty();
        advance(Duration.ofMillis(40));
        assertThat(router.read(topics.existingRequests())).hasSize(30);
        assertThat(router.read(topics.rolloutCommands()))
                .as("the breaker counts what the candidate did")
                .isEmpty();
    }

    @Test
    void sendsNoRequestToTheCandidateWhenTooMuchWaitsForItAlready() throws Exception {
        for (int i = 0; i < 200; i++) {
            send("id-" + i);
        }
        int waiting = router.read(topics.candidateRequests()).size();
        assertThat(waiting).isBetween(50, 190);
        List<TestRecord<byte[], byte[]>> refused = router.read(topics.existingRequests());
        assertThat(refused).hasSize(200 - waiting);
        assertThat(new RouteHeaderReader().read(refused.get(0).headers()).route())
                .as("not evidence")
                .isEqualTo(Route.outsideRollout("sums", States.withoutRollout().getExisting()));
        assertThat(router.count(Metric.GUARD_REFUSALS, "deployment", "sums")).isEqualTo(200.0 - waiting);
        assertThat(router.gauge(Metric.WAITING_BYTES)).isBetween(MAX_WAITING_BYTES * 0.95, MAX_WAITING_BYTES * 1.0);

        for (int i = 0; i < waiting; i++) {
            answer("id-" + i, PredictionStatus.OK, 0.5);
        }
        assertThat(router.gauge(Metric.WAITING_BYTES)).isZero();
        send("again");
        assertThat(router.read(topics.candidateRequests())).hasSize(1);
    }

    @Test
    void countsALateAnswerAndDoesNotServeIt() {
        send("id-1");
        advance(DEADLINE.plusMillis(20));
        answer("id-1", PredictionStatus.OK, 0.5);
        assertThat(router.read(topics.predictions())).isEmpty();
        assertThat(router.read(topics.existingRequests())).hasSize(1);
        assertThat(router.count(Metric.LATE_ANSWERS, "deployment", "sums")).isEqualTo(1);
        assertThat(router.count(Metric.FALLBACKS, "deployment", "sums", "candidate", "TIMEOUT"))
                .isEqualTo(1);
    }

    @Test
    void servesOnlyTheFirstOfTwoAnswers() {
        send("id-1");
        answer("id-1", PredictionStatus.OK, 0.5);
        answer("id-1", PredictionStatus.OK, 0.6);
        assertThat(served().getScore()).isEqualTo(0.5);
        assertThat(router.count(Metric.LATE_ANSWERS, "deployment", "sums")).isEqualTo(1);
    }

    @Test
    void fallsBackImmediatelyWhenTheCandidateFails() throws Exception {
        send("error");
        send("nan");
        send("empty");
        send("rejected");
        send("blank");
        answer(prediction("blank", PredictionStatus.OK, null)
                .setVector(List.of())
                .setLabel(""));
        answer("error", PredictionStatus.ERROR, null);
        answer("nan", PredictionStatus.OK, Double.NaN);
        answer("empty", PredictionStatus.OK, null);
        answer("rejected", PredictionStatus.REJECTED, null);
        assertThat(router.read(topics.predictions())).isEmpty();
        RouteHeaderReader reader = new RouteHeaderReader();
        List<TestRecord<byte[], byte[]>> fallbacks = router.read(topics.existingRequests());
        assertThat(fallbacks).hasSize(5);
        assertThat(reader.read(fallbacks.get(0).headers()).route().fallbackStatus())
                .contains(PredictionStatus.ERROR);
        assertThat(reader.read(fallbacks.get(4).headers()).route().fallbackStatus())
                .contains(PredictionStatus.REJECTED);
        advance(DEADLINE.multipliedBy(2));
        assertThat(router.read(topics.existingRequests()))
                .as("one fallback per request")
                .isEmpty();
    }

    @Test
    void doesNotServeAnswersOfAnotherEpochOrToMirroredRequests() {
        send("id-1");
        answer(prediction("id-1", PredictionStatus.OK, 0.1).setEpoch(7));
        answer(prediction("id-1", PredictionStatus.OK, 0.2).setRollout("another"));
        answer(prediction("id-1", PredictionStatus.OK, 0.3).setMirrored(true));
        answer(prediction("id-1", PredictionStatus.OK, 0.4).setArm(Arm.EXISTING));
        assertThat(served().getScore()).isEqualTo(0.4);
    }

    @Test
    void continuesAfterAnUnreadableAnswer() {
        send("id-1");
        router.pipe(topics.candidatePredictions(), "key", "garbage".getBytes(UTF_8));
        answer("id-1", PredictionStatus.OK, 0.5);
        assertThat(served().getScore()).isEqualTo(0.5);
    }

    @Test
    void routesARequestWhoseIdentifierIsInUseOutsideTheRollout() throws Exception {
        send("id-1");
        send("id-1");
        assertThat(router.read(topics.candidateRequests())).hasSize(1);
        assertThat(new RouteHeaderReader()
                        .read(router.only(topics.existingRequests()).headers())
                        .route())
                .isEqualTo(Route.outsideRollout("sums", States.withoutRollout().getExisting()));
        assertThat(router.count(Metric.REPEATED_REQUESTS, "deployment", "sums")).isEqualTo(1);
    }

    @Test
    void doesNotWaitForTheCandidateOfAnAbortedRollout() {
        send("id-1");
        RolloutState serving = States.serving(100_000);
        state(RolloutState.newBuilder(serving)
                .setRollout(Rollout.newBuilder(serving.getRollout())
                        .setStatus(RolloutStatus.ABORTED)
                        .setShare(0)
                        .setEpoch(2)
                        .setEndedAt(START)
                        .build())
                .build());
        advance(Duration.ofMillis(20));
        assertThat(router.read(topics.existingRequests())).hasSize(1);
        answer("id-1", PredictionStatus.OK, 0.5);
        assertThat(router.read(topics.predictions())).isEmpty();
        send("id-2");
        assertThat(router.read(topics.candidateRequests())).hasSize(1);
    }

    @Test
    void letsAPromotedCandidateAnswerTheRequestsThatWaitForIt() {
        send("id-1");
        RolloutState serving = States.serving(100_000);
        state(RolloutState.newBuilder(serving)
                .setExisting(serving.getRollout().getCandidate())
                .setRollout(Rollout.newBuilder(serving.getRollout())
                        .setStatus(RolloutStatus.PROMOTED)
                        .setShare(0)
                        .setEpoch(2)
                        .setEndedAt(START)
                        .build())
                .build());
        advance(Duration.ofMillis(20));
        assertThat(router.read(topics.existingRequests())).isEmpty();
        answer("id-1", PredictionStatus.OK, 0.5);
        assertThat(served().getModelVersion()).isEqualTo("v2");
    }

    @Test
    void opensTheBreakerAboveTheLimitOfErrorsNotifiesTheControllerAndStopsServing() {
        for (int i = 0; i < 20; i++) {
            send("id-" + i);
            answer("id-" + i, i < 9 ? PredictionStatus.OK : PredictionStatus.ERROR, i < 9 ? 0.5 : null);
        }
        RolloutCommand command = router.onlyValue(topics.rolloutCommands(), RolloutCommand.class);
        assertThat(command.getVerb()).isEqualTo(RolloutVerb.OPEN_BREAKER);
        assertThat(command.getId()).isEqualTo("breaker/sums-v2-2/1");
        assertThat(command.getRollout()).isEqualTo("sums-v2-2");
        assertThat(command.getEpoch()).isEqualTo(1);
        assertThat(command.getReason())
                .isEqualTo("11 errors among the candidate's last 20 answers; at most 50% are allowed within 10000 ms");
        router.read(topics.candidateRequests());
        send("after");
        assertThat(router.read(topics.candidateRequests())).isEmpty();
        assertThat(router.count(Metric.BREAKERS_OPENED, "deployment", "sums")).isEqualTo(1);
    }

    @Test
    void opensTheBreakerAboveTheLimitOfTimeoutsAndRepeatsTheCommandUntilTheStateChanges() {
        for (int i = 0; i < 20; i++) {
            send("id-" + i);
        }
        advance(DEADLINE.plusMillis(20));
        assertThat(router.read(topics.rolloutCommands())).hasSize(1);
        advance(Duration.ofMillis(1000));
        assertThat(router.read(topics.rolloutCommands())).hasSize(1);
        state(States.serving(0));
        advance(Duration.ofMillis(2000));
        assertThat(router.read(topics.rolloutCommands())).isEmpty();
    }

    @Test
    void rejectedRequestsDoNotOpenTheBreaker() {
        for (int i = 0; i < 40; i++) {
            send("id-" + i);
            answer("id-" + i, PredictionStatus.REJECTED, null);
        }
        assertThat(router.read(topics.rolloutCommands())).isEmpty();
        assertThat(router.read(topics.existingRequests())).hasSize(40);
    }

    @Test
    void setsModelTimesAndRolloutItselfInsteadOfTrustingTheAnswer() {
        send("id-1");
        answer(prediction("id-1", PredictionStatus.OK, 0.5)
                .setModelVersion("v1")
                .setStage(null)
                .setRoutedAt(null)
                .setReceivedAt(Instant.EPOCH)
                .setFallback(true));
        Prediction served = served();
        assertThat(served.getModelVersion()).isEqualTo("v2");
        assertThat(served.getStage()).isZero();
        assertThat(served.getRoutedAt()).isEqualTo(START);
        assertThat(served.getReceivedAt()).isEqualTo(START);
        assertThat(served.getFallback()).isFalse();
    }

    @Test
    void startsCountingFromZeroInEachWindow() {
        for (int i = 0; i < 40; i++) {
            send("id-" + i);
            answer("id-" + i, PredictionStatus.ERROR, null);
            advance(Duration.ofMillis(600));
        }
        assertThat(router.read(topics.rolloutCommands()))
                .as("17 answers per window are below the minimum")
                .isEmpty();
    }

    private void advance(Duration time) {
        // In steps, like a real clock: in one large step, the driver would run all missed ticks at the end.
        for (long remaining = time.toMillis(); remaining > 0; remaining -= 10) {
            now = now.plusMillis(Math.min(10, remaining));
            router.driver().advanceWallClockTime(Duration.ofMillis(Math.min(10, remaining)));
        }
    }

    /** Lets time pass in which the router does nothing. */
    private void stall(Duration time) {
        now = now.plus(time);
        router.driver().advanceWallClockTime(time);
    }

    private void state(RolloutState state) {
        router.pipe(state);
    }

    private void send(String id) {
        router.pipe(
                topics.predictionRequests(),
                new TestRecord<>(
                        "key".getBytes(UTF_8), encode(id), new RecordHeaders().add("trace", new byte[] {7}), now));
    }

    private byte[] encode(String id) {
        return router.encode(topics.predictionRequests(), request(id, "sums", Map.of("x", 1.0)));
    }

    private void answer(String id, PredictionStatus status, Double score) {
        answer(prediction(id, status, score));
    }

    private static Prediction.Builder prediction(String id, PredictionStatus status, Double score) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("sums")
                .setModelVersion("v2")
                .setArm(Arm.CANDIDATE)
                .setRollout("sums-v2-2")
                .setStage(0)
                .setEpoch(1)
                .setStatus(status)
                .setScore(score)
                .setReceivedAt(START);
    }

    private void answer(Prediction.Builder prediction) {
        router.pipe(topics.candidatePredictions(), "key", prediction.build());
    }

    private Prediction served() {
        return router.onlyValue(topics.predictions(), Prediction.class);
    }
}

package io.understudy.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.metrics.Metric;
import io.understudy.readiness.ReadinessView;
import io.understudy.reason.ReasonCode;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.ModelReadiness;
import io.understudy.schema.ReadinessStatus;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlTopologyTest {

    private static final String DEPLOYMENT = """
            deployment: sums
            existing: {version: v1, scorer: {kind: onnx, model: sum.onnx}}
            """;

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: sum.onnx}}
            stages: [{kind: shadow}, {kind: canary, share: 5%}]
            """;

    private final TopologyFixture controller = new TopologyFixture(ControlContext.ROLE, 1024 * 1024);
    private final Topics topics = controller.topics();
    private final AtomicLong nanos = new AtomicLong();
    private final ReadinessView readiness = new ReadinessView(nanos::get);
    private final CountDownLatch slow = new CountDownLatch(1);
    private final List<RolloutEvent> told = new ArrayList<>();
    private Inspections threads;

    @BeforeEach
    void start() {
        controller.start(
                meters -> ControlTopology.build(
                        topics,
                        new ControlContext(
                                topics,
                                controller.registry(),
                                new ControlMeters(meters),
                                inspections(new ControlMeters(meters)),
                                readiness)),
                Instant.EPOCH);
        readiness.listening();
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    }

    /** Models are inspected at once, on the thread of the driver. */
    private static Inspections inspections(ControlMeters meters) {
        return new Inspections(ControlTopologyTest::inspect, Runnable::run, Duration.ofMinutes(1), meters);
    }

    private static Model inspect(Model model) throws UnusableModelException {
        return switch (model.getLocation()) {
            case "sum.onnx" -> model;
            case "explosive.onnx" -> throw new UnsatisfiedLinkError("boom");
            default -> throw new UnusableModelException("model file " + model.getLocation() + " does not exist");
        };
    }

    @AfterEach
    void stop() {
        controller.close();
        if (threads != null) {
            threads.close();
        }
    }

    @Test
    void writesTheNewStateAndTellsOfIt() {
        send(command("c-1", "sums", DEPLOYMENT));
        assertThat(states()).singleElement().satisfies(state -> {
            assertThat(state.getDeployment()).isEqualTo("sums");
            assertThat(state.getUpdatedAt()).isEqualTo(Instant.EPOCH);
        });
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo(RolloutEventType.DEPLOYED);
            assertThat(event.getCommandId()).isEqualTo("c-1");
        });
        assertThat(count(Metric.COMMANDS_ACCEPTED)).isEqualTo(1);
    }

    @Test
    void aStoredStateThatCannotBeReadDoesNotStopItsCommands() {
        controller
                .driver()
                .<String, byte[]>getKeyValueStore(ControlNames.STATE_STORE)
                .put("sums", "garbage".getBytes(UTF_8));
        controller.pipe(topics.rolloutCommands(), "sums", "garbage".getBytes(UTF_8));
        send(command("c-1", "sums", DEPLOYMENT));
        assertThat(events())
                .extracting(RolloutEvent::getType)
                .containsExactly(RolloutEventType.REJECTED, RolloutEventType.DEPLOYED);
        assertThat(states()).hasSize(1);
        assertThat(controller.count(Metric.STORES_UNREADABLE, "store", ControlNames.STATE_STORE))
                .isPositive();
    }

    @Test
    void aStageBeginsWhenTheControllerAcceptsItsCommandOrVerdict() {
        startRollout();
        controller.driver().advanceWallClockTime(Duration.ofMinutes(40));
        judge(evaluation(Verdict.PASS, 2));
        List<RolloutState> states = states();
        assertThat(states.get(1).getRollout().getStageStartedAt()).isEqualTo(Instant.EPOCH);
        assertThat(states.get(2).getRollout().getStageStartedAt()).isEqualTo(Instant.EPOCH.plusSeconds(40 * 60));
        assertThat(events())
                .last()
                .satisfies(event -> assertThat(event.getAt()).isEqualTo(Instant.EPOCH.plusSeconds(40 * 60)));
    }

    @Test
    void answersARepeatedCommandOnce() {
        send(command("c-1", "sums", DEPLOYMENT));
        send(command("c-1", "sums", DEPLOYMENT));
        assertThat(events()).hasSize(1);
        assertThat(states()).hasSize(1);
        assertThat(count(Metric.COMMANDS_REPEATED)).isEqualTo(1);
    }

    @Test
    void rejectsABadModelWithItsReasonAndChangesNothing() {
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "gone.onnx")));
        assertThat(states()).isEmpty();
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo(RolloutEventType.REJECTED);
            assertThat(event.getReason()).isEqualTo("existing v1: model file gone.onnx does not exist");
        });
        assertThat(count(Metric.COMMANDS_REJECTED)).isEqualTo(1);
    }

    @Test
    void putsAsideWhatIsNoCommandTellsOfItAndGoesOn() {
        send("sums", "deploy v2, please".getBytes(UTF_8));
        send("sums", null);
        send(command("c-1", "sums", DEPLOYMENT));
        assertThat(deadLetterReasons()).containsExactly("not-avro", "null-value");
        assertThat(events())
                .extracting(RolloutEvent::getType)
                .containsExactly(RolloutEventType.REJECTED, RolloutEventType.REJECTED, RolloutEventType.DEPLOYED);
    }

    @Test
    void refusesACommandUnderAnotherKey() {
        send("products", encode(command("c-1", "sums", DEPLOYMENT)));
        assertThat(deadLetterReasons()).containsExactly("wrong-key");
        assertThat(states()).isEmpty();
    }

    @Test
    void survivesAModelThatBringsItsRuntimeDown() {
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "explosive.onnx")));
        send(command("c-2", "sums", DEPLOYMENT));
        assertThat(events())
                .extracting(RolloutEvent::getReason)
                .first()
                .isEqualTo("existing v1: cannot be inspected: java.lang.UnsatisfiedLinkError: boom");
        assertThat(states()).hasSize(1);
    }

    @Test
    void rejectsCommandsOfAbsurdSizeWithEventsOfSensibleSizeAndGoesOn() {
        send(command("c-1", "sums", "x".repeat(900_000)));
        send(command("i".repeat(900_000), "sums", DEPLOYMENT));
        send(RolloutCommand.newBuilder(command("c-2", "sums", DEPLOYMENT))
                .setReason("r".repeat(400_000))
                .setActor("a".repeat(400_000))
                .build());
        send(command("c-3", "sums", DEPLOYMENT));
        var told = controller.read(topics.rolloutEvents());
        assertThat(told).allSatisfy(record -> assertThat(record.value().length).isLessThan(10_000));
        assertThat(told.stream()
                        .map(record -> controller
                                .registry()
                                .decoder(topics.rolloutEvents(), RolloutEvent.class)
                                .decode(record.value())
                                .getType()))
                .containsExactly(
                        RolloutEventType.REJECTED,
                        RolloutEventType.REJECTED,
                        RolloutEventType.REJECTED,
                        RolloutEventType.DEPLOYED);
    }

    @Test
    void verdictsMoveTheRolloutAndTheEventCarriesTheEvidence() {
        startRollout();
        judge(evaluation(Verdict.CONTINUE, 1));
        judge(evaluation(Verdict.PASS, 2));
        judge(evaluation(Verdict.PASS, 3));
        List<RolloutEvent> events = events();
        assertThat(events).as("the third is of a stage that is past").hasSize(3);
        RolloutEvent advanced = events.get(2);
        assertThat(advanced.getType()).isEqualTo(RolloutEventType.ADVANCED);
        assertThat(advanced.getActor()).isEqualTo("evaluator");
        assertThat(advanced.getReason()).isEqualTo("it is better");
        assertThat(advanced.getEvidence()).contains("\"verdict\":\"PASS\"").contains("\"windowEnd\"");
        assertThat(advanced.getState().getRollout().getStage()).isEqualTo(1);
        assertThat(advanced.getState().getRollout().getShare()).isEqualTo(5000);
        assertThat(states()).last().isEqualTo(advanced.getState());
    }

    @Test
    void putsAsideWhatIsNoEvaluationWithoutAnEvent() {
        startRollout();
        events();
        judge("it passed, trust me".getBytes(UTF_8));
        assertThat(deadLetterReasons()).containsExactly("not-avro");
        assertThat(events()).isEmpty();
    }

    @Test
    void severalDeploymentsHaveRolloutsAtOnce() {
        startRollout();
        send(command("c-3", "products", DEPLOYMENT.replace("sums", "products")));
        send(RolloutCommand.newBuilder(command("c-4", "products", ROLLOUT.replace("sums", "products")))
                .setVerb(RolloutVerb.START)
                .build());
        judge(evaluation(Verdict.ABORT, 1));
        assertThat(controller
                        .driver()
                        .<String, byte[]>getKeyValueStore(ControlNames.STATE_STORE)
                        .get("products"))
                .isNotNull();
        assertThat(states())
                .filteredOn(state -> state.getDeployment().equals("products"))
                .last()
                .extracting(state -> state.getRollout().getStatus())
                .isEqualTo(RolloutStatus.RUNNING);
    }

    @Test
    void aCandidateThatNobodyServesGetsNothingAndIsHeldAfterItsTime() {
        awaitReadiness("policies: {readiness: 1m}");
        pass(Duration.ofSeconds(59));
        assertThat(events()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo(RolloutEventType.HELD);
            assertThat(event.getCode()).isEqualTo(ReasonCode.MODEL_NOT_READY.name());
            assertThat(event.getActor()).isEqualTo(ControlContext.ROLE);
            assertThat(event.getReason())
                    .isEqualTo("waited 60 s for v2 in the lane 'candidate': no program says that it serves it");
        });
        assertThat(states())
                .last()
                .satisfies(state -> assertThat(state.getRollout().getMirror()).isZero());
        pass(Duration.ofMinutes(5));
        assertThat(events()).as("it waits for an operator now").isEmpty();
    }

    @Test
    void aCandidateGetsItsTrafficOnceEveryScorerOfItsLaneServesIt() {
        say("a", "candidate", null, ReadinessStatus.READY, null);
        say("b", "candidate", null, ReadinessStatus.READY, null);
        awaitReadiness("");
        say("a", "candidate", "v2", ReadinessStatus.READY, null);
        pass(Duration.ofSeconds(1));
        assertThat(events()).as("b may not be able to").isEmpty();
        say("b", "candidate", "v2", ReadinessStatus.LOADING, "the model is still loading");
        pass(Duration.ofSeconds(1));
        assertThat(events()).isEmpty();
        say("b", "candidate", "v2", ReadinessStatus.READY, null);
        pass(Duration.ofSeconds(1));
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo(RolloutEventType.READY);
            assertThat(event.getReason()).isEqualTo("a, b can serve v2 in the lane 'candidate'");
            assertThat(event.getState().getRollout().getMirror()).isEqualTo(100_000);
        });
    }

    @Test
    void afterAStartTheFirstProgramThatIsHeardDoesNotSpeakForTheOthers() {
        readiness.listening();
        awaitReadiness("");
        say("a", "candidate", "v2", ReadinessStatus.READY, null);
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        pass(Duration.ofSeconds(3));
        assertThat(events()).as("others may not have spoken").isEmpty();
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        pass(Duration.ofSeconds(2));
        assertThat(events()).singleElement().extracting(RolloutEvent::getType).isEqualTo(RolloutEventType.READY);
    }

    @Test
    void theHoldNamesTheProgramThatCannotServeTheCandidateAndItsCause() {
        awaitReadiness("policies: {readiness: 5s}");
        say("a", "candidate", "v2", ReadinessStatus.READY, null);
        say("b", "candidate", "v2", ReadinessStatus.FAILED, "model file sum.onnx does not exist");
        pass(Duration.ofSeconds(5));
        assertThat(events())
                .singleElement()
                .extracting(RolloutEvent::getReason)
                .asString()
                .endsWith(": b is FAILED: model file sum.onnx does not exist");
    }

    @Test
    void whatASilentProgramSaidDoesNotCount() {
        say("a", "candidate", "v2", ReadinessStatus.READY, null);
        nanos.addAndGet(ReadinessView.SILENCE.toNanos() + 1);
        awaitReadiness("");
        pass(Duration.ofSeconds(1));
        assertThat(events()).isEmpty();
    }

    @Test
    void aPromotionWaitsForTheOtherLane() {
        awaitReadiness("");
        say("a", "candidate", "v2", ReadinessStatus.READY, null);
        pass(Duration.ofSeconds(1));
        send(RolloutCommand.newBuilder(command("c-3", "sums", null))
                .setVerb(RolloutVerb.PROMOTE)
                .setForce(false)
                .build());
        pass(Duration.ofSeconds(1));
        assertThat(states()).last().satisfies(state -> {
            assertThat(state.getExisting().getVersion()).isEqualTo("v1");
            assertThat(state.getRollout().getStatus()).isEqualTo(RolloutStatus.AWAITING_READINESS);
        });
        say("a", "existing", "v2", ReadinessStatus.READY, null);
        pass(Duration.ofSeconds(1));
        assertThat(states())
                .last()
                .satisfies(state -> assertThat(state.getExisting().getVersion()).isEqualTo("v2"));
    }

    private void awaitReadiness(String more) {
        send(command("c-1", "sums", DEPLOYMENT));
        send(RolloutCommand.newBuilder(command("c-2", "sums", ROLLOUT + more))
                .setVerb(RolloutVerb.START)
                .setForce(false)
                .build());
        assertThat(events())
                .last()
                .satisfies(event -> assertThat(event.getState().getRollout().getStatus())
                        .isEqualTo(RolloutStatus.AWAITING_READINESS));
    }

    private void pass(Duration time) {
        controller.driver().advanceWallClockTime(time);
    }

    private void say(String instance, String lane, String version, ReadinessStatus status, String cause) {
        readiness.hear(ModelReadiness.newBuilder()
                .setInstance(instance)
                .setLane(lane)
                .setDeployment(version == null ? null : "sums")
                .setVersion(version)
                .setStatus(status)
                .setCause(cause)
                .setAt(Instant.EPOCH)
                .build());
    }

    /** Until the test says so, the model "slow.onnx" has not been inspected. */
    @Test
    void otherDeploymentsGoOnWhileAModelIsInspectedAndLaterCommandsOfThisOneWait() {
        startWithThreads(Duration.ofMinutes(1));
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "slow.onnx")));
        send(start("c-2"));
        send(command("c-3", "products", DEPLOYMENT.replace("sums", "products")));
        awaitEvents(1);
        assertThat(told).extracting(RolloutEvent::getCommandId).containsExactly("c-3");
        assertThat(controller.gauge(Metric.COMMANDS_WAITING)).isEqualTo(2);
        slow.countDown();
        awaitEvents(3);
        assertThat(told).extracting(RolloutEvent::getCommandId).containsExactly("c-3", "c-1", "c-2");
        assertThat(told)
                .extracting(RolloutEvent::getType)
                .containsExactly(RolloutEventType.DEPLOYED, RolloutEventType.DEPLOYED, RolloutEventType.STARTED);
        assertThat(controller.gauge(Metric.COMMANDS_WAITING)).isZero();
        assertThat(stored()).isZero();
    }

    @Test
    void anAbortDoesNotWaitForTheInspectionThatItMakesNeedless() {
        startWithThreads(Duration.ofMinutes(1));
        send(command("c-1", "sums", DEPLOYMENT));
        awaitEvents(1);
        send(start("c-2", "slow.onnx"));
        send(steer("c-3", RolloutVerb.PAUSE));
        send(steer("c-4", RolloutVerb.ABORT));
        awaitEvents(4);
        assertThat(told.subList(1, 4)).extracting(RolloutEvent::getCommandId).containsExactly("c-2", "c-4", "c-3");
        assertThat(told.subList(1, 4))
                .extracting(RolloutEvent::getCode)
                .containsExactly("START_CANCELLED", "START_CANCELLED", "NO_ROLLOUT");
        assertThat(told.get(2).getReason()).contains("START c-2 waited");
        assertThat(stored()).isZero();
    }

    @Test
    void anAbortOfAnotherRolloutDoesNotCancelAStartThatWaits() {
        startWithThreads(Duration.ofMinutes(1));
        send(command("c-1", "sums", DEPLOYMENT));
        awaitEvents(1);
        send(start("c-2", "slow.onnx"));
        send(RolloutCommand.newBuilder(steer("c-3", RolloutVerb.ABORT))
                .setRollout("sums-v0-1")
                .build());
        send(RolloutCommand.newBuilder(steer("c-4", RolloutVerb.ABORT))
                .setExpectedVersion(7L)
                .build());
        awaitEvents(3);
        assertThat(told.subList(1, 3))
                .extracting(RolloutEvent::getCode)
                .containsExactly("NO_ROLLOUT", "VERSION_CONFLICT");
        slow.countDown();
        awaitEvents(4);
        assertThat(told.get(3).getType()).isEqualTo(RolloutEventType.STARTED);
    }

    @Test
    void aModelThatIsNotInspectedInTimeIsRefused() {
        startWithThreads(Duration.ofMillis(50));
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "slow.onnx")));
        awaitEvents(1);
        assertThat(told.get(0).getType()).isEqualTo(RolloutEventType.REJECTED);
        assertThat(told.get(0).getCode()).isEqualTo("INSPECTION_TIMEOUT");
        assertThat(told.get(0).getReason())
                .startsWith("existing v1: the inspection ")
                .contains(" within 50 ms");
        assertThat(controller.count(Metric.INSPECTIONS_FAILED, "code", "INSPECTION_TIMEOUT"))
                .isEqualTo(1);
    }

    @Test
    void limitsTheCommandsThatWaitAndPassesOverThoseThatComeAgain() {
        startWithThreads(Duration.ofMinutes(1));
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "slow.onnx")));
        send(command("c-1", "sums", DEPLOYMENT.replace("sum.onnx", "slow.onnx")));
        for (int i = 1; i < CommandQueue.MAX_WAITING; i++) {
            send(steer("p-" + i, RolloutVerb.PAUSE));
        }
        send(steer("too-many", RolloutVerb.PAUSE));
        awaitEvents(1);
        assertThat(told.get(0).getCode()).isEqualTo("TOO_MANY_WAITING");
        assertThat(count(Metric.COMMANDS_REPEATED)).isEqualTo(1);
        assertThat(controller.gauge(Metric.COMMANDS_WAITING)).isEqualTo(CommandQueue.MAX_WAITING);
    }

    @Test
    void commandsThatWaitedAreFollowedAfterARestart() {
        store(8, encode(start("c-2")));
        store(7, encode(command("c-1", "sums", DEPLOYMENT)));
        store(6, "nothing".getBytes(UTF_8));
        controller.driver().advanceWallClockTime(Duration.ofMillis(20));
        assertThat(events())
                .extracting(RolloutEvent::getType)
                .containsExactly(RolloutEventType.DEPLOYED, RolloutEventType.STARTED);
        assertThat(controller.count(Metric.COMMANDS_UNREADABLE)).isEqualTo(1);
        assertThat(stored()).isZero();
    }

    private void store(long offset, byte[] command) {
        controller
                .driver()
                .<String, byte[]>getKeyValueStore(ControlNames.WAITING_STORE)
                .put(String.format(Locale.ROOT, "sums\0%019d", offset), command);
    }

    private void startWithThreads(Duration deadline) {
        controller.start(
                meters -> {
                    ControlMeters own = new ControlMeters(meters);
                    threads = new Inspections(this::inspectSlowly, 2, deadline, own);
                    return ControlTopology.build(
                            topics, new ControlContext(topics, controller.registry(), own, threads, readiness));
                },
                Instant.EPOCH);
    }

    private Model inspectSlowly(Model model) throws UnusableModelException {
        if (model.getLocation().equals("slow.onnx")) {
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new UnusableModelException("interrupted", e);
            }
        }
        return model;
    }

    private void awaitEvents(int number) {
        Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> {
            controller.driver().advanceWallClockTime(Duration.ofMillis(20));
            told.addAll(events());
            return told.size() >= number;
        });
        assertThat(told).hasSize(number);
    }

    private long stored() {
        try (KeyValueIterator<String, byte[]> stored = controller
                .driver()
                .<String, byte[]>getKeyValueStore(ControlNames.WAITING_STORE)
                .all()) {
            long count = 0;
            for (; stored.hasNext(); stored.next()) {
                count++;
            }
            return count;
        }
    }

    private static RolloutCommand start(String id) {
        return start(id, "sum.onnx");
    }

    private static RolloutCommand start(String id, String file) {
        return RolloutCommand.newBuilder(command(id, "sums", ROLLOUT.replace("sum.onnx", file)))
                .setVerb(RolloutVerb.START)
                .build();
    }

    private static RolloutCommand steer(String id, RolloutVerb verb) {
        return RolloutCommand.newBuilder(command(id, "sums", ""))
                .setVerb(verb)
                .setSpec(null)
                .build();
    }

    private void startRollout() {
        send(command("c-1", "sums", DEPLOYMENT));
        send(RolloutCommand.newBuilder(command("c-2", "sums", ROLLOUT))
                .setVerb(RolloutVerb.START)
                .build());
    }

    private static RolloutEvaluation evaluation(Verdict verdict, int window) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("sums")
                .setRollout("sums-v2-2")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(2)
                .setWindowStart(Instant.ofEpochMilli(1000L * window))
                .setWindowEnd(Instant.ofEpochMilli(1000L * window + 1000))
                .setVerdict(verdict)
                .setReason("it is better")
                .setAt(Instant.EPOCH)
                .build();
    }

    private void judge(RolloutEvaluation evaluation) {
        judge(controller.encode(topics.rolloutEvaluations(), evaluation));
    }

    private void judge(byte[] value) {
        controller.pipe(
                topics.rolloutEvaluations(),
                new TestRecord<>("sums".getBytes(UTF_8), value, Instant.ofEpochMilli(2000)));
    }

    private static RolloutCommand command(String id, String deployment, String spec) {
        return RolloutCommand.newBuilder()
                .setId(id)
                .setDeployment(deployment)
                .setVerb(RolloutVerb.DEPLOY)
                .setActor("tester")
                .setSpec(spec)
                .setForce(true)
                .setIssuedAt(Instant.EPOCH)
                .build();
    }

    private byte[] encode(RolloutCommand command) {
        return controller.encode(topics.rolloutCommands(), command);
    }

    private void send(RolloutCommand command) {
        send(command.getDeployment(), encode(command));
    }

    private void send(String key, byte[] value) {
        controller.pipe(
                topics.rolloutCommands(), new TestRecord<>(key.getBytes(UTF_8), value, Instant.ofEpochMilli(1000)));
    }

    private List<RolloutState> states() {
        return controller.values(topics.rolloutState(), RolloutState.class);
    }

    private List<RolloutEvent> events() {
        return controller.values(topics.rolloutEvents(), RolloutEvent.class);
    }

    private List<String> deadLetterReasons() {
        return controller.read(topics.deadLetters()).stream()
                .map(record -> TopologyFixture.header(record, "understudy-reason"))
                .toList();
    }

    private double count(Metric metric) {
        return controller.count(metric, "verb", "DEPLOY");
    }
}

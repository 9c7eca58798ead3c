package io.understudy.collecting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.Outcome;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.Verdict;
import io.understudy.statistics.SampleRatio;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A machine on which every role is slow, now and then for many seconds: answers are late and come in bursts, requests
 * wait long before they are routed, and many are answered by the existing model instead. None of it is a reason to call
 * the comparison invalid.
 */
class StarvedMachineTest {

    private static final int STEP_MILLIS = 50;
    private static final int TRAFFIC_MILLIS = 70_000;
    private static final int DRAIN_MILLIS = 60_000;
    private static final int REQUESTS_PER_STEP = 10;
    private static final double SHARE = 0.2;
    private static final double ALARM = Math.log(1000);

    private static final String SPEC = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: UNIT
            window: 1s
            coverage: {after: 10s}
            metrics:
              - {name: right, kind: accuracy, role: diagnostic}
              - {name: brier, kind: brier, role: success, mde: 0.2}
            stages: [{kind: canary, share: 20%, require: superiority, minimum: {units: 1000000}}]
            fallback: {deadline: 500ms}
            """;

    /** A request on its way. */
    private record Request(String id, long time, Arm arm) {}

    /** A request in a lane. */
    private record Routed(Request request, long routedAt, boolean fallback) {}

    /** A role that does all of its work at once and then nothing for a while. */
    private static final class Role {
        private final SplittableRandom random;
        private final double meanPauseMillis;
        private long busyUntil;

        Role(SplittableRandom random, double meanPauseMillis) {
            this.random = random;
            this.meanPauseMillis = meanPauseMillis;
        }

        boolean isReady(long now) {
            if (now < busyUntil) {
                return false;
            }
            busyUntil = now + (long) (-Math.log(1 - random.nextDouble()) * meanPauseMillis);
            return true;
        }
    }

    /** The whole of one partition. */
    private static final class Machine {
        private final LiveRollout live;
        private final SplittableRandom random;
        private final WindowCollector collector = CollectingFixture.empty().collector();
        private final MergedEvidence merged;
        private final Deque<Request> requests = new ArrayDeque<>();
        private final Deque<Routed> existingLane = new ArrayDeque<>();
        private final Deque<Routed> candidateLane = new ArrayDeque<>();
        private final Deque<Routed> candidateAnswers = new ArrayDeque<>();
        private final Map<String, Routed> waiting = new HashMap<>();
        private final Deque<Routed> predictions = new ArrayDeque<>();
        private final Deque<Request> outcomes = new ArrayDeque<>();
        private final List<EvidenceBlock> blocks = new ArrayList<>();
        private final List<RolloutEvaluation> evaluations = new ArrayList<>();
        private int number;

        Machine(String unit, int seed) {
            this.live = CollectingFixture.live(SPEC.replace("UNIT", unit));
            this.random = new SplittableRandom(seed);
            this.merged = MergedEvidence.empty(live);
        }

        void run(double slowdown) {
            Role router = new Role(random.split(), STEP_MILLIS * slowdown);
            Role existing = new Role(random.split(), STEP_MILLIS * slowdown);
            Role candidate = new Role(random.split(), 2 * STEP_MILLIS * slowdown);
            Role evaluator = new Role(random.split(), STEP_MILLIS * slowdown);
            for (long now = 0; now < TRAFFIC_MILLIS + DRAIN_MILLIS; now += STEP_MILLIS) {
                if (now < TRAFFIC_MILLIS) {
                    produce(now);
                }
                if (router.isReady(now)) {
                    route(now);
                }
                if (existing.isReady(now)) {
                    existingLane.forEach(predictions::add);
                    existingLane.clear();
                }
                if (candidate.isReady(now)) {
                    candidateLane.forEach(candidateAnswers::add);
                    candidateLane.clear();
                }
                if (evaluator.isReady(now)) {
                    evaluate(now);
                }
            }
        }

        private void produce(long now) {
            for (int i = 0; i < REQUESTS_PER_STEP; i++) {
                String id = "request-" + number++;
                requests.add(new Request(id, now, random.nextDouble() < SHARE ? Arm.CANDIDATE : Arm.EXISTING));
            }
        }

        private void route(long now) {
            for (Routed answer : candidateAnswers) {
                if (waiting.remove(answer.request().id()) != null) {
                    predictions.add(answer);
                }
            }
            candidateAnswers.clear();
            for (Iterator<Routed> each = waiting.values().iterator(); each.hasNext(); ) {
                Routed overdue = each.next();
                if (now >= overdue.routedAt() + live.rollout().getDeadlineMs()) {
                    each.remove();
                    existingLane.add(new Routed(overdue.request(), overdue.routedAt(), true));
                }
            }
            for (Request request : requests) {
                Routed routed = new Routed(request, now, false);
                if (request.arm() == Arm.CANDIDATE) {
                    waiting.put(request.id(), routed);
                    candidateLane.add(routed);
                } else {
                    existingLane.add(routed);
                }
                outcomes.add(request);
            }
            requests.clear();
        }

        private void evaluate(long now) {
            // A task takes turns between its topics.
            boolean outcomesFirst = random.nextBoolean();
            if (outcomesFirst) {
                readOutcomes(now);
            }
            readPredictions(now);
            if (!outcomesFirst) {
                readOutcomes(now);
            }
            judge(collector.closeComplete(CollectingFixture.at(now)), now);
        }

        private void readPredictions(long now) {
            for (Routed answer : predictions) {
                Request request = answer.request();
                Prediction prediction = CollectingFixture.prediction(
                                live, request.id(), answer.fallback() ? Arm.EXISTING : request.arm(), 0.5)
                        .setRoutedAt(Instant.ofEpochMilli(CollectingFixture.at(answer.routedAt())))
                        .setFallback(answer.fallback())
                        .setFallbackStatus(answer.fallback() ? PredictionStatus.TIMEOUT : null)
                        .build();
                Arrival arrival = collector.recordArrival(
                        Source.PREDICTIONS, CollectingFixture.at(request.time()), CollectingFixture.at(now));
                collector.collectAnswer(arrival, live, prediction, request.id().getBytes(UTF_8));
                judge(collector.closeComplete(Optional.of(live), CollectingFixture.at(now)), now);
            }
            predictions.clear();
        }

        /** Each outcome is known three seconds after its request. */
        private void readOutcomes(long now) {
            while (!outcomes.isEmpty() && outcomes.peek().time() + 3000 <= now) {
                Request request = outcomes.poll();
                Arrival arrival = collector.recordArrival(
                        Source.OUTCOMES, CollectingFixture.at(request.time() + 3000), CollectingFixture.at(now));
                Outcome outcome = Outcome.newBuilder()
                        .setRequestId(request.id())
                        .setDeployment("d")
                        .setName("label")
                        .setValue(true)
                        .setObservedAt(CollectingFixture.START)
                        .build();
                collector.collectOutcome(arrival, live, outcome, request.id().getBytes(UTF_8));
                judge(collector.closeComplete(Optional.of(live), CollectingFixture.at(now)), now);
            }
        }

        private void judge(List<PartialEvidence> partials, long now) {
            for (PartialEvidence partial : partials) {
                blocks.addAll(partial.getBlocks());
                evaluations.addAll(merged.add(partial, Instant.ofEpochMilli(CollectingFixture.at(now))));
            }
        }

        boolean isEverInvalid() {
            return evaluations.stream().anyMatch(evaluation -> evaluation.getVerdict() == Verdict.INVALID);
        }

        /** Whether the counts of the windows are a mismatch at any look: of all requests, or of those with an outcome. */
        boolean isMismatchOfWhatHasArrived() {
            long[] requests = new long[2];
            long[] labelled = new long[2];
            for (EvidenceBlock block : blocks) {
                requests[0] += block.getExistingRequests();
                requests[1] += block.getCandidateRequests();
                labelled[0] += block.getExistingLabelled();
                labelled[1] += block.getCandidateLabelled();
                double[] shares = {1 - SHARE, SHARE};
                if (SampleRatio.logEvidence(requests, shares) > ALARM
                        || SampleRatio.logEvidence(labelled, shares) > ALARM) {
                    return true;
                }
            }
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({"request, 20", "key, 5"})
    void isNeverAReasonToCallTheComparisonInvalid(String unit, int runs) {
        int mismatches = 0;
        for (int seed = 0; seed < runs; seed++) {
            Machine machine = new Machine(unit, seed);
            machine.run(40);

            assertThat(machine.evaluations).hasSizeGreaterThan(20);
            assertThat(machine.isEverInvalid()).as("seed %s", seed).isFalse();
            mismatches += machine.isMismatchOfWhatHasArrived() ? 1 : 0;
        }
        assertThat(mismatches)
                .as("a test of what has arrived would call these invalid")
                .isPositive();
    }
}

package io.understudy.examples.flightdelay.startdays;

import io.understudy.assignment.TrafficSplit;
import io.understudy.evidence.ModelAnswer;
import io.understudy.evidence.Observations;
import io.understudy.evidence.WindowCounts;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.RolloutSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Plays a rollout on recorded flights as an installation would: requests at departure, outcomes at landing, windows cut
 * by time, the arms that the router would choose, and the judge of the evaluator. What an installation adds, delays and
 * failures of its own, is left out. Safe for many threads.
 */
final class FlightRollout {

    private static final long MILLIS_PER_DAY = 86_400_000;

    /** What every answer has in common. */
    private static final Prediction ANSWERED = Prediction.newBuilder()
            .setRequestId("")
            .setDeployment("")
            .setStatus(PredictionStatus.OK)
            .setReceivedAt(Instant.EPOCH)
            .build();

    private final RolloutSpec spec;
    private final Flights flights;
    private final float[] existingScores;
    private final float[] candidateScores;
    private final Duration day;

    /**
     * Creates a rollout.
     *
     * @param existingScores the existing model's probability for each flight
     * @param candidateScores the candidate's probability for each flight
     * @param day how long a day of flights takes on the clock of the rollout
     */
    FlightRollout(RolloutSpec spec, Flights flights, float[] existingScores, float[] candidateScores, Duration day) {
        this.spec = spec;
        this.flights = flights;
        this.existingScores = existingScores;
        this.candidateScores = candidateScores;
        this.day = day;
    }

    /**
     * Plays the rollout.
     *
     * @param start departure of the first flight at the earliest, milliseconds since 1970
     * @param days days of flights after which the rollout counts as undecided
     */
    Ending play(long start, int days) {
        return new Play(start, days).play();
    }

    /** One play of the rollout. Its clock begins at 0. */
    private final class Play {

        private final long start;
        private final long end;
        private final int first;
        private final long width = spec.evidence().window().toMillis();
        private Optional<Double> firstPassed = Optional.empty();
        private long time;
        private int departure;
        private int landing;

        Play(long start, int days) {
            this.start = start;
            this.end = days * day.toMillis();
            this.first = flights.firstFrom(start);
            this.departure = first;
            this.landing = flights.firstLandingFrom(start);
        }

        Ending play() {
            EvidencePlan plan = spec.evidence();
            for (int stage = 0; stage < plan.stages().size(); stage++) {
                Optional<Ruling> last = playStage(plan, stage);
                Optional<Ending.Status> status = last.isEmpty()
                        ? Optional.of(Ending.Status.UNDECIDED)
                        : status(plan, last.get(), stage == plan.stages().size() - 1);
                if (status.isPresent()) {
                    return ending(status.get(), stage, last);
                }
                firstPassed = firstPassed.or(() -> Optional.of(days()));
            }
            throw new IllegalStateException("the last stage of a rollout ends it");
        }

        private static Optional<Ending.Status> status(EvidencePlan plan, Ruling ruling, boolean lastStage) {
            return switch (ruling.verdict()) {
                case PASS -> lastStage ? Optional.of(Ending.Status.PROMOTED) : Optional.empty();
                case ABORT, INVALID, INCONCLUSIVE, NO_DATA ->
                    Optional.of(
                            plan.policies().isAbortedBy(ruling.verdict()) ? Ending.Status.ABORTED : Ending.Status.HELD);
                case CONTINUE, HOLD, ERROR, UNKNOWN -> Optional.of(Ending.Status.UNDECIDED);
            };
        }

        /** Judges a stage to its end, or to the end of the data. */
        private Optional<Ruling> playStage(EvidencePlan plan, int index) {
            StagePlan stage = plan.stages().get(index);
            JudgedStage judged = JudgedStage.empty(plan, index);
            long stageStart = time;
            int firstOfStage = departure;
            Optional<Ruling> last = Optional.empty();
            while (time < end && departure < flights.size()) {
                time += width;
                WindowCounts window = window(stage, firstOfStage);
                if (!window.isEmpty()) {
                    judged.absorb(window, Duration.ofMillis(time - stageStart));
                }
                Ruling ruling = judged.rule(Duration.ofMillis(time - stageStart));
                last = Optional.of(ruling);
                if (ruling.isDecisive()) {
                    return last;
                }
            }
            return last;
        }

        /** Counts what happens in the window that ends now, of the flights from {@code firstOfStage} on. */
        private WindowCounts window(StagePlan stage, int firstOfStage) {
            WindowCounts window = WindowCounts.underWay(stage, spec.evidence().isByKey());
            while (departure < flights.size()
                    && toRolloutTime(flights.flights().get(departure).departedAt()) < time) {
                countAnswers(window, stage, departure);
                departure++;
            }
            int[] order = flights.inOrderOfLanding();
            while (landing < order.length
                    && toRolloutTime(flights.flights().get(order[landing]).landedAt()) < time) {
                if (order[landing] >= firstOfStage) {
                    countOutcome(window, stage, order[landing]);
                }
                landing++;
            }
            return window;
        }

        private long toRolloutTime(long flightTime) {
            return Math.floorDiv((flightTime - start) * day.toMillis(), MILLIS_PER_DAY);
        }

        private void countAnswers(WindowCounts window, StagePlan stage, int flight) {
            if (!stage.isShadow()) {
                countAnswer(window, stage, arm(stage, flight), flight);
                return;
            }
            countAnswer(window, stage, Arm.EXISTING, flight);
            countAnswer(window, stage, Arm.CANDIDATE, flight);
            for (int i = 0; i < stage.metrics().size(); i++) {
                MetricSpec metric = stage.metrics().get(i);
                if (metric.kind() == MetricKind.AGREEMENT) {
                    ModelAnswer existing = answer(Arm.EXISTING, flight);
                    ModelAnswer candidate = answer(Arm.CANDIDATE, flight);
                    window.observePair(i, group(flight), 0, Observations.agreement(metric, existing, candidate));
                }
            }
        }

        private void countAnswer(WindowCounts window, StagePlan stage, Arm arm, int flight) {
            byte[] key = flights.services().get(flight).bytes();
            window.request(arm, key);
            window.complete().add(arm, group(flight), spec.evidence().isByKey() ? key : null);
            // No request of a rollout that is over in minutes is so old that its outcome counts as lost.
            window.coverage().request(arm, group(flight));
            window.answer(arm, score(arm, flight), Double.NaN);
            for (int i = 0; i < stage.metrics().size(); i++) {
                MetricSpec metric = stage.metrics().get(i);
                if (metric.kind() == MetricKind.SCORE_DRIFT) {
                    window.observe(i, arm, group(flight), score(arm, flight));
                } else if (metric.kind().isMeasuredOnAnswers()) {
                    window.observe(i, arm, group(flight), Observations.ofPrediction(metric, ANSWERED));
                }
            }
        }

        private void countOutcome(WindowCounts window, StagePlan stage, int flight) {
            int group = group(flight);
            Object late = flights.flights().get(flight).isLate();
            List<Arm> arms = stage.isShadow() ? List.of(Arm.EXISTING, Arm.CANDIDATE) : List.of(arm(stage, flight));
            arms.forEach(window::labelled);
            for (int i = 0; i < stage.metrics().size(); i++) {
                int metric = i;
                if (!stage.metrics().get(metric).kind().needsOutcome()) {
                    continue;
                }
                arms.forEach(arm -> window.coverage().observation(metric, arm, group));
                if (stage.isShadow()) {
                    window.observeOutcomePair(
                            metric, group, answer(Arm.EXISTING, flight), answer(Arm.CANDIDATE, flight), late);
                } else {
                    window.observeOutcome(metric, arms.get(0), group, answer(arms.get(0), flight), late);
                }
            }
        }

        private int group(int flight) {
            return spec.evidence().isByKey() ? flights.services().get(flight).group() : 0;
        }

        private Arm arm(StagePlan stage, int flight) {
            String unit =
                    spec.evidence().isByKey() ? flights.services().get(flight).key() : Integer.toString(flight);
            return TrafficSplit.arm(spec.salt().orElse(spec.candidate().getVersion()), unit, stage.share());
        }

        private ModelAnswer answer(Arm arm, int flight) {
            return new ModelAnswer(score(arm, flight), null);
        }

        private float score(Arm arm, int flight) {
            return (arm == Arm.CANDIDATE ? candidateScores : existingScores)[flight];
        }

        private double days() {
            return (double) time / day.toMillis();
        }

        private Ending ending(Ending.Status status, int stage, Optional<Ruling> last) {
            ForecastQuality existingQuality = new ForecastQuality();
            ForecastQuality candidateQuality = new ForecastQuality();
            for (int i = first; i < departure; i++) {
                Flight flight = flights.flights().get(i);
                existingQuality.add(existingScores[i], flight.isLate());
                candidateQuality.add(candidateScores[i], flight.isLate());
            }
            return new Ending(
                    status,
                    stage,
                    last.map(Ruling::code),
                    firstPassed,
                    days(),
                    departure - first,
                    existingQuality.brier(),
                    candidateQuality.brier());
        }
    }
}

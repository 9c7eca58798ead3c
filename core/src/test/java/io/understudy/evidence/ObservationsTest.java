package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.testing.Plans;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObservationsTest {

    private static final double NONE = Double.NaN;

    static {
        SchemaClasses.trust();
    }

    private static MetricSpec metric(String kind) {
        return Plans.byRequest(Plans.AB, "role: diagnostic, kind: " + kind)
                .metrics()
                .get(0);
    }

    private static final MetricSpec AGREEMENT = Plans.byRequest(
                    Plans.SHADOW, "role: diagnostic, kind: agreement, tolerance: 0.125")
            .metrics()
            .get(0);

    private static Prediction.Builder prediction(PredictionStatus status) {
        return Prediction.newBuilder()
                .setRequestId("r")
                .setDeployment("d")
                .setStatus(status)
                .setReceivedAt(Instant.EPOCH);
    }

    private static double of(String kind, Prediction.Builder prediction) {
        return Observations.ofPrediction(metric(kind), prediction.build());
    }

    private static double of(String kind, double score, Object outcome) {
        return Observations.ofOutcome(metric(kind), new ModelAnswer(score, null), outcome);
    }

    @ParameterizedTest
    @CsvSource({"OK, 0, 0", "ERROR, 1, 0", "TIMEOUT, 0, 1", "REJECTED, NaN, NaN"})
    void anAnswerCountsByHowItEnded(PredictionStatus status, Double error, Double timeout) {
        assertThat(of("error-rate", prediction(status))).isEqualTo(error);
        assertThat(of("timeout-rate", prediction(status))).isEqualTo(timeout);
    }

    @ParameterizedTest
    @CsvSource({"ERROR, 1, 0", "TIMEOUT, 0, 1", "REJECTED, 1, 0"})
    void aFallbackCountsByHowTheCandidatesOwnAnswerEnded(PredictionStatus candidate, double error, double timeout) {
        Prediction.Builder fallback =
                prediction(PredictionStatus.OK).setFallback(true).setFallbackStatus(candidate);

        assertThat(of("error-rate", fallback)).isEqualTo(error);
        assertThat(of("timeout-rate", fallback)).isEqualTo(timeout);
        assertThat(of("fallback-rate", fallback)).isEqualTo(1);
        assertThat(of("fallback-rate", prediction(PredictionStatus.OK))).isZero();
    }

    @Test
    void aValueOutsideOfTheBoundsOfItsMetricIsNoObservation() {
        MetricSpec metric = Plans.byRequest(Plans.AB, "kind: value, role: success, mde: 1, bounds: [0, 30]")
                .metrics()
                .get(0);

        assertThat(Observations.ofOutcome(metric, ModelAnswer.NONE, 30.0)).isEqualTo(30);
        assertThat(Observations.ofOutcome(metric, ModelAnswer.NONE, 30.5)).isNaN();
        assertThat(Observations.ofOutcome(metric, ModelAnswer.NONE, -1.0)).isNaN();
    }

    @Test
    void aRequestThatNoModelCanAnswerIsNotAnObservation() {
        Prediction.Builder rejected =
                prediction(PredictionStatus.REJECTED).setFallback(true).setFallbackStatus(PredictionStatus.ERROR);

        assertThat(of("error-rate", rejected)).isNaN();
        assertThat(of("fallback-rate", rejected)).isNaN();
        assertThat(of("latency-over, threshold: 1s", rejected)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"999, 0", "1000, 0", "1001, 1"})
    void anAnswerIsLateWhenItTookLongerThanTheThreshold(long millis, double late) {
        Prediction.Builder answer = prediction(PredictionStatus.OK)
                .setRoutedAt(Instant.ofEpochMilli(500))
                .setScoredAt(Instant.ofEpochMilli(500 + millis));

        assertThat(of("latency-over, threshold: 1s", answer)).isEqualTo(late);
        assertThat(Observations.latencyMillis(answer.build())).isEqualTo((double) millis);
    }

    @Test
    void anAnswerWithoutItsTimesHasNoLatency() {
        Prediction.Builder routed = prediction(PredictionStatus.OK).setRoutedAt(Instant.EPOCH);
        Prediction.Builder scored = prediction(PredictionStatus.OK).setScoredAt(Instant.EPOCH);

        assertThat(of("latency-over, threshold: 1s", routed)).isNaN();
        assertThat(of("latency-over, threshold: 1s", scored)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({
        "0.75, 1, 0.0625",
        "0.75, 0, 0.5625",
        "0, 0, 0",
        "1, 1, 0",
        "1.01, 1, NaN",
        "-0.01, 1, NaN",
        "NaN, 1, NaN"
    })
    void brierIsTheSquaredErrorOfAProbability(double score, double outcome, Double loss) {
        assertThat(of("brier", score, outcome)).isEqualTo(loss);
        assertThat(of("brier", score, 0.5)).as("no binary outcome").isNaN();
    }

    @Test
    void logLossIsTheLogarithmOfWhatWasGivenToWhatHappened() {
        assertThat(of("log-loss", 0.25, 1.0)).isCloseTo(Math.log(4), within(1e-15));
        assertThat(of("log-loss", 0.25, 0.0)).isCloseTo(-Math.log(0.75), within(1e-15));
        assertThat(of("log-loss", 0, 1.0)).as("a certain mistake").isCloseTo(-Math.log(1e-15), within(1e-9));
        assertThat(of("log-loss", 1, 0.0)).isCloseTo(-Math.log(1e-15), within(1e-9));
        assertThat(of("log-loss", 1.5, 1.0)).isNaN();
        assertThat(of("log-loss", 0.5, 2.0)).isNaN();
    }

    @Test
    void errorsOfEstimatesAreOfAnyNumber() {
        assertThat(of("squared-error", 3, 7.0)).isEqualTo(16);
        assertThat(of("absolute-error", 3, 7.0)).isEqualTo(4);
        assertThat(of("squared-error", NONE, 7.0)).isNaN();
        assertThat(of("absolute-error", 3, "seven")).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"0.5, 1, 1", "0.49, 1, 0", "0.5, 0, 0", "0.49, 0, 1", "NaN, 1, NaN", "0.5, 2, NaN"})
    void accuracyIsBeingOnTheOutcomesSideOfOneHalf(double score, double outcome, Double right) {
        assertThat(of("accuracy", score, outcome)).isEqualTo(right);
    }

    @ParameterizedTest
    @CsvSource({"0.7, 1, 1", "0.69, 1, 0", "0.69, 0, 1"})
    void accuracyMayHaveAThresholdOfItsOwn(double score, double outcome, double right) {
        MetricSpec metric = metric("accuracy, threshold: 0.7");

        assertThat(Observations.ofOutcome(metric, new ModelAnswer(score, "a label"), outcome))
                .isEqualTo(right);
    }

    @Test
    void aLabelIsRightWhenItIsTheOutcome() {
        MetricSpec metric = metric("accuracy");

        assertThat(Observations.ofOutcome(metric, new ModelAnswer(NONE, "cat"), "cat"))
                .isEqualTo(1);
        assertThat(Observations.ofOutcome(metric, new ModelAnswer(NONE, "cat"), "dog"))
                .isZero();
        for (Object one : List.<Object>of(1.0, "1", "1.0", true, "true")) {
            assertThat(Observations.ofOutcome(metric, new ModelAnswer(NONE, "1"), one))
                    .as("label 1, outcome %s", one)
                    .isEqualTo(1);
            assertThat(Observations.ofOutcome(metric, new ModelAnswer(NONE, "0"), one))
                    .isZero();
        }
        assertThat(Observations.ofOutcome(metric, new ModelAnswer(NONE, null), "cat"))
                .isNaN();
    }

    @Test
    void aBooleanOutcomeIsOneOrZero() {
        assertThat(of("conversion", NONE, true)).isEqualTo(1);
        assertThat(of("conversion", NONE, false)).isZero();
        assertThat(of("conversion", NONE, 1.0)).isEqualTo(1);
        assertThat(of("conversion", NONE, 0.5)).isNaN();
        assertThat(of("brier", 0.75, true)).isEqualTo(0.0625);
        assertThat(of("brier", 0.75, "1")).as("text that spells a number").isEqualTo(0.0625);
    }

    @Test
    void aValueIsCutAtItsCap() {
        assertThat(of("value", NONE, 250.0)).isEqualTo(250);
        assertThat(of("value, cap: 100", NONE, 250.0)).isEqualTo(100);
        assertThat(of("value, cap: 100", NONE, 99.0)).isEqualTo(99);
        assertThat(of("value, cap: 100", NONE, "much")).isNaN();
    }

    @Test
    void answersAgreeByTheirLabels() {
        ModelAnswer cat = new ModelAnswer(0.1, "cat");

        assertThat(Observations.agreement(AGREEMENT, cat, new ModelAnswer(0.9, "cat")))
                .isEqualTo(1);
        assertThat(Observations.agreement(AGREEMENT, cat, new ModelAnswer(0.1, "dog")))
                .isZero();
    }

    @Test
    void answersWithoutTwoLabelsAgreeByScoresWithinTheTolerance() {
        ModelAnswer half = new ModelAnswer(0.5, null);

        assertThat(Observations.agreement(AGREEMENT, half, new ModelAnswer(0.625, "cat")))
                .isEqualTo(1);
        assertThat(Observations.agreement(AGREEMENT, new ModelAnswer(0.375, "cat"), half))
                .isEqualTo(1);
        assertThat(Observations.agreement(AGREEMENT, half, new ModelAnswer(0.6251, null)))
                .isZero();
        assertThat(Observations.agreement(AGREEMENT, half, new ModelAnswer(NONE, null)))
                .isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"accuracy", "conversion", "value", "score-drift"})
    void anAnswerAloneSaysNothingAboutWhatNeedsMore(String kind) {
        assertThatThrownBy(() -> of(kind, prediction(PredictionStatus.OK)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"error-rate", "fallback-rate", "latency-over, threshold: 1s", "score-drift"})
    void anOutcomeSaysNothingAboutAnswers(String kind) {
        assertThatThrownBy(() -> of(kind, 0.5, 1.0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyAnAnswerThatSucceededHasAScoreAndALabel() {
        Prediction.Builder ok = prediction(PredictionStatus.OK).setScore(0.25).setLabel("cat");
        Prediction.Builder failed =
                prediction(PredictionStatus.ERROR).setScore(0.25).setLabel("cat");

        assertThat(ModelAnswer.of(ok.build())).isEqualTo(new ModelAnswer(0.25, "cat"));
        assertThat(ModelAnswer.of(failed.build())).isEqualTo(new ModelAnswer(NONE, null));
        assertThat(ModelAnswer.of(prediction(PredictionStatus.OK).build())).isEqualTo(new ModelAnswer(NONE, null));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void anInfiniteNumberIsNoObservation(double endless) {
        assertThat(ModelAnswer.of(prediction(PredictionStatus.OK)
                                .setScore(endless)
                                .build())
                        .score())
                .isNaN();
        assertThat(of("value", 0, endless)).isNaN();
    }
}

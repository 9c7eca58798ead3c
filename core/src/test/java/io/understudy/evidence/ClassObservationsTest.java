package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.MetricSpec;
import io.understudy.testing.Plans;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassObservationsTest {

    private static final List<Double> MOSTLY_B = List.of(0.125, 0.625, 0.25);

    private static double of(String kind, List<Double> vector, Object outcome) {
        return of(kind, new ModelAnswer(Double.NaN, null, vector), outcome);
    }

    private static double of(String kind, ModelAnswer answer, Object outcome) {
        return Observations.ofOutcome(
                Plans.byRequest(Plans.SHADOW, "kind: " + kind + ", role: diagnostic, classes: [a, b, \"3\"]")
                        .metrics()
                        .get(0),
                answer,
                outcome);
    }

    @Test
    void logLossIsOfTheProbabilityOfWhatHappened() {
        assertThat(of("log-loss", MOSTLY_B, "b")).isCloseTo(-Math.log(0.625), within(1e-15));
        assertThat(of("log-loss", MOSTLY_B, 3.0)).isCloseTo(Math.log(4), within(1e-15));
        assertThat(of("log-loss", List.of(1.0, 0.0, 0.0), "b"))
                .as("a certain mistake")
                .isCloseTo(-Math.log(1e-15), within(1e-9));
    }

    @Test
    void brierAddsTheSquaredErrorsOfAllClasses() {
        assertThat(of("brier", MOSTLY_B, "b")).isEqualTo(0.125 * 0.125 + 0.375 * 0.375 + 0.0625);
        assertThat(of("brier", MOSTLY_B, "a")).isEqualTo(0.875 * 0.875 + 0.625 * 0.625 + 0.0625);
        assertThat(of("brier", List.of(1.0, 0.0, 0.0), "b")).as("the worst").isEqualTo(2);
    }

    @Test
    void accuracyIsWhetherTheLargestNumberIsTheOutcomes() {
        assertThat(of("accuracy", MOSTLY_B, "b")).isEqualTo(1);
        assertThat(of("accuracy", MOSTLY_B, "a")).isZero();
        assertThat(of("accuracy", List.of(-3.0, 12.0, 11.0), "b"))
                .as("any numbers")
                .isEqualTo(1);
        assertThat(of("accuracy", List.of(0.5, 0.5, 0.0), "a"))
                .as("the first of equal ones")
                .isEqualTo(1);
    }

    @Test
    void accuracyReadsTheLabelOfAnAnswerWithoutAVector() {
        assertThat(of("accuracy", new ModelAnswer(Double.NaN, "3"), 3.0)).isEqualTo(1);
        assertThat(of("accuracy", new ModelAnswer(Double.NaN, "a"), 3.0)).isZero();
        assertThat(of("accuracy", new ModelAnswer(Double.NaN, "c"), 3.0))
                .as("no class")
                .isNaN();
    }

    @Test
    void modelsAgreeIfTheyChooseTheSameClass() {
        MetricSpec agreement = Plans.byRequest(
                        Plans.SHADOW, "kind: agreement, role: guardrail, margin: 0.1, classes: [a, b, c]")
                .metrics()
                .get(0);
        ModelAnswer b = new ModelAnswer(Double.NaN, null, MOSTLY_B);
        ModelAnswer c = new ModelAnswer(Double.NaN, null, List.of(0.25, 0.25, 0.5));

        assertThat(Observations.agreement(agreement, b, new ModelAnswer(Double.NaN, "b")))
                .isEqualTo(1);
        assertThat(Observations.agreement(agreement, b, c)).isZero();
        assertThat(Observations.agreement(agreement, b, ModelAnswer.NONE)).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"log-loss", "brier", "accuracy"})
    void anOutcomeThatIsNoneOfTheClassesIsNoObservation(String kind) {
        assertThat(of(kind, MOSTLY_B, "c")).isNaN();
        assertThat(of(kind, MOSTLY_B, 1.0)).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"log-loss", "brier", "accuracy"})
    void aVectorOfAnotherLengthIsNoObservation(String kind) {
        assertThat(of(kind, List.of(0.5, 0.5), "a")).isNaN();
        assertThat(of(kind, List.of(0.25, 0.25, 0.25, 0.25), "a")).isNaN();
        assertThat(of(kind, List.of(), "a")).isNaN();
        assertThat(of(kind, List.of(0.5, Double.NaN, 0.5), "a")).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"log-loss", "brier"})
    void lossesAreOfProbabilities(String kind) {
        assertThat(of(kind, List.of(-0.25, 1.0, 0.25), "a")).isNaN();
        assertThat(of(kind, List.of(2.0, 1.0, 4.0), "a")).isNaN();
        assertThat(of(kind, List.of(0.5, 0.25, 0.125), "a"))
                .as("too little in all")
                .isNaN();
        assertThat(of(kind, List.of(0.5, 0.25, 0.2451), "a")).as("rounded").isNotNaN();
    }
}

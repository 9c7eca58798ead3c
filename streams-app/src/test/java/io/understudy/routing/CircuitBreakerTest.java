package io.understudy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Breaker;
import io.understudy.schema.PredictionStatus;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

    private static final long WINDOW = 10_000;
    private static final long NOW = 1_000_000;

    /** More than half errors, or more than a quarter timeouts, among at least four answers within ten seconds. */
    private static CircuitBreaker breaker() {
        return new CircuitBreaker(Optional.of(new Breaker(50_000, 25_000, WINDOW, 4L)));
    }

    private static CircuitBreaker counted(CircuitBreaker breaker, PredictionStatus... statuses) {
        for (PredictionStatus status : statuses) {
            breaker.count(status, NOW);
        }
        return breaker;
    }

    @Test
    void opensWhenMoreAnswersAreErrorsThanAllowed() {
        CircuitBreaker breaker = counted(
                breaker(), PredictionStatus.ERROR, PredictionStatus.ERROR, PredictionStatus.OK, PredictionStatus.OK);

        assertThat(breaker.isOpen()).as("exactly half").isFalse();
        assertThat(breaker.reasonToReport(NOW)).isEmpty();
        counted(breaker, PredictionStatus.ERROR);
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.reasonToReport(NOW))
                .hasValueSatisfying(reason -> assertThat(reason).contains("3 errors", "5 answers", "50%", "10000 ms"));
    }

    @Test
    void opensWhenMoreAnswersAreTimeoutsThanAllowed() {
        CircuitBreaker breaker = counted(
                breaker(), PredictionStatus.OK, PredictionStatus.OK, PredictionStatus.OK, PredictionStatus.TIMEOUT);

        assertThat(breaker.isOpen()).as("exactly a quarter").isFalse();
        counted(breaker, PredictionStatus.TIMEOUT);
        assertThat(breaker.reasonToReport(NOW))
                .hasValueSatisfying(reason -> assertThat(reason).contains("2 timeouts", "5 answers", "25%"));
    }

    @Test
    void errorsAndTimeoutsAreCountedApart() {
        CircuitBreaker breaker = counted(
                breaker(),
                PredictionStatus.TIMEOUT,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR,
                PredictionStatus.OK);

        assertThat(breaker.isOpen())
                .as("three of four failed, each within its limit")
                .isFalse();
    }

    @Test
    void staysClosedBelowItsMinimum() {
        CircuitBreaker breaker =
                counted(breaker(), PredictionStatus.ERROR, PredictionStatus.ERROR, PredictionStatus.ERROR);

        assertThat(breaker.isOpen()).isFalse();
        assertThat(counted(breaker, PredictionStatus.OK).isOpen())
                .as("the fourth")
                .isTrue();
    }

    @Test
    void whatTheCallerGotWrongDoesNotCount() {
        CircuitBreaker breaker = breaker();

        for (int i = 0; i < 100; i++) {
            counted(breaker, PredictionStatus.REJECTED);
        }
        counted(breaker, PredictionStatus.ERROR, PredictionStatus.ERROR, PredictionStatus.ERROR);

        assertThat(breaker.isOpen()).as("neither as an error nor as an answer").isFalse();
    }

    @Test
    void forgetsWhatWasBeforeItsWindow() {
        CircuitBreaker breaker = breaker();
        for (int i = 0; i < 3; i++) {
            breaker.count(PredictionStatus.ERROR, NOW);
        }

        breaker.count(PredictionStatus.ERROR, NOW + WINDOW);

        assertThat(breaker.isOpen()).isFalse();
        for (int i = 0; i < 3; i++) {
            breaker.count(PredictionStatus.ERROR, NOW + 2 * WINDOW - 1);
        }
        assertThat(breaker.isOpen())
                .as("within the window that began with the last")
                .isTrue();
    }

    @Test
    void timeoutsAreForgottenToo() {
        CircuitBreaker breaker = breaker();
        for (int i = 0; i < 3; i++) {
            breaker.count(PredictionStatus.TIMEOUT, NOW);
        }

        for (int i = 0; i < 4; i++) {
            breaker.count(PredictionStatus.OK, NOW + WINDOW);
        }

        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void staysOpenWhateverFollows() {
        CircuitBreaker breaker = counted(
                breaker(),
                PredictionStatus.ERROR,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR);
        Optional<String> reason = breaker.reasonToReport(NOW);

        for (int i = 0; i < 1000; i++) {
            breaker.count(PredictionStatus.OK, NOW + i * WINDOW);
        }

        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.reasonToReport(NOW + WINDOW)).isPresent().isEqualTo(reason);
    }

    @Test
    void neverOpensWithoutLimits() {
        CircuitBreaker breaker = new CircuitBreaker(Optional.empty());

        for (int i = 0; i < 1000; i++) {
            counted(breaker, PredictionStatus.ERROR, PredictionStatus.TIMEOUT);
        }

        assertThat(breaker.isOpen()).isFalse();
        assertThat(breaker.reasonToReport(NOW)).isEmpty();
    }

    @Property
    void isOpenExactlyWhenSomePrefixHasTooManyFailures(
            @ForAll @IntRange(max = 100_000) int errors,
            @ForAll @IntRange(max = 100_000) int timeouts,
            @ForAll @IntRange(min = 1, max = 8) int minimum,
            @ForAll @Size(max = 30) List<PredictionStatus> statuses) {
        CircuitBreaker breaker = new CircuitBreaker(Optional.of(new Breaker(errors, timeouts, WINDOW, (long) minimum)));
        boolean expected = false;
        long answers = 0;
        long failed = 0;
        long late = 0;

        for (PredictionStatus status : statuses) {
            breaker.count(status, NOW);
            answers += status == PredictionStatus.REJECTED ? 0 : 1;
            failed += status == PredictionStatus.ERROR ? 1 : 0;
            late += status == PredictionStatus.TIMEOUT ? 1 : 0;
            expected |= status != PredictionStatus.REJECTED
                    && answers >= minimum
                    && (failed * 100_000 > answers * errors || late * 100_000 > answers * timeouts);
            assertThat(breaker.isOpen()).isEqualTo(expected);
        }
    }

    @Test
    void isReportedOnceASecondWhileOpen() {
        CircuitBreaker breaker = breaker();

        assertThat(breaker.reasonToReport(NOW)).as("closed").isEmpty();
        counted(
                breaker,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR,
                PredictionStatus.ERROR);
        assertThat(breaker.reasonToReport(NOW)).isPresent();
        assertThat(breaker.reasonToReport(NOW)).isEmpty();
        assertThat(breaker.reasonToReport(NOW + 999)).isEmpty();
        assertThat(breaker.reasonToReport(NOW + 1000)).isPresent();
        assertThat(breaker.reasonToReport(NOW + 1999)).isEmpty();
        assertThat(breaker.reasonToReport(NOW + 2000)).isPresent();
    }
}

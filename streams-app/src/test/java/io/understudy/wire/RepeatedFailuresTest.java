package io.understudy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RepeatedFailuresTest {

    private final AtomicLong time = new AtomicLong();
    private final RepeatedFailures failures = new RepeatedFailures(time::get);

    @Test
    void makesTheRoleNotReadyAndThenEndsItWithTheCause() {
        fail(RepeatedFailures.NOT_READY - 1);
        assertThat(failures.areTooMany()).isFalse();
        fail(1);
        assertThat(failures.areTooMany()).isTrue();
        assertThat(failures.exhausted()).isEmpty();
        fail(RepeatedFailures.LIMIT - RepeatedFailures.NOT_READY);
        assertThat(failures.exhausted())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("failed 10 times in a row without progress")
                        .contains("caused by java.lang.ExceptionInInitializerError: JDK 99"));
    }

    @Test
    void aPlaceThatHasNotFailedForAWhileHasRecovered() {
        fail(RepeatedFailures.LIMIT - 1);
        pass(RepeatedFailures.READY_AFTER.plusMillis(1));
        assertThat(failures.areTooMany()).as("ready again after a minute").isFalse();
        pass(RepeatedFailures.RECOVERY);
        fail(RepeatedFailures.LIMIT - 1);
        assertThat(failures.exhausted()).isEmpty();
    }

    @Test
    void progressOfOnePlaceDoesNotExcuseAnother() {
        fail(RepeatedFailures.LIMIT - 1);
        failures.progressed("0_1");
        fail(1);
        assertThat(failures.exhausted()).isPresent();
    }

    @Test
    void progressOfThePlaceForgetsItsFailures() {
        fail(RepeatedFailures.LIMIT - 1);
        failures.progressed("0_0");
        fail(1);
        assertThat(failures.exhausted()).isEmpty();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            pass(Duration.ofSeconds(5));
            failures.failed("0_0", new RuntimeException(new ExceptionInInitializerError("JDK 99")));
        }
    }

    private void pass(Duration duration) {
        time.addAndGet(duration.toNanos());
    }
}

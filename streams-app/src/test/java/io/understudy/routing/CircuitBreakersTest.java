package io.understudy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.testing.States;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CircuitBreakersTest {

    private final CircuitBreakers breakers = new CircuitBreakers();

    private static Rollout rollout(UnaryOperator<Rollout.Builder> change) {
        return change.apply(Rollout.newBuilder(States.serving(5000).getRollout()))
                .build();
    }

    @Test
    void aRolloutKeepsItsBreakerThroughItsEpoch() {
        CircuitBreaker first = breakers.of("sums", rollout(rollout -> rollout.setEpoch(1)));

        CircuitBreaker later =
                breakers.of("sums", rollout(rollout -> rollout.setEpoch(1).setShare(9000)));

        assertThat(later).isSameAs(first);
    }

    @Test
    void aRolloutThatIsResumedHasANewBreaker() {
        CircuitBreaker before = breakers.of("sums", rollout(rollout -> rollout.setEpoch(1)));
        for (int i = 0; i < 20; i++) {
            before.count(PredictionStatus.ERROR, 0);
        }

        CircuitBreaker after = breakers.of("sums", rollout(rollout -> rollout.setEpoch(2)));

        assertThat(before.isOpen()).isTrue();
        assertThat(after.isOpen()).isFalse();
    }

    @Test
    void anotherRolloutHasANewBreaker() {
        CircuitBreaker one = breakers.of("sums", rollout(rollout -> rollout.setId("one")));

        assertThat(breakers.of("sums", rollout(rollout -> rollout.setId("other"))))
                .isNotSameAs(one);
    }

    @Test
    void deploymentsDoNotShareABreaker() {
        Rollout rollout = rollout(same -> same);

        CircuitBreaker sums = breakers.of("sums", rollout);
        CircuitBreaker products = breakers.of("products", rollout);

        assertThat(products).isNotSameAs(sums);
        assertThat(breakers.of("sums", rollout)).isSameAs(sums);
    }

    @Test
    void hasTheLimitsOfItsRollout() {
        CircuitBreaker limited = breakers.of("sums", rollout(same -> same));
        CircuitBreaker unlimited = breakers.of("products", rollout(rollout -> rollout.setBreaker(null)));

        for (int i = 0; i < 20; i++) {
            limited.count(PredictionStatus.TIMEOUT, 0);
            unlimited.count(PredictionStatus.TIMEOUT, 0);
        }

        assertThat(limited.isOpen()).isTrue();
        assertThat(unlimited.isOpen()).isFalse();
    }
}

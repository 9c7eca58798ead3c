package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.readiness.ReadinessView;
import io.understudy.schema.ModelReadiness;
import io.understudy.schema.ReadinessStatus;
import io.understudy.scoring.Availability.External;
import io.understudy.scoring.Availability.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneMembershipTest {

    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(30);
    private static final NamedModel LOADED = NamedModel.of("sums", "v1", false, new External());
    private static final NamedModel LOADING = NamedModel.of("sums", "v2", false, null);
    private static final NamedModel FAILED = NamedModel.of("sums", "v3", false, new Unavailable("no such file"));

    private final AtomicLong nanos = new AtomicLong();
    private final ReadinessView view = new ReadinessView(nanos::get);
    private List<NamedModel> models = List.of(LOADED);
    private final LaneMembership membership =
            new LaneMembership(Lane.EXISTING, "a", () -> models, view, LOAD_TIMEOUT, nanos::get);

    @Test
    void takesPartAtOnceWhenEveryModelIsLoaded() {
        assertThat(membership.mayTakePart()).isTrue();
        assertThat(membership.status().status()).as("not yet").isEqualTo(ReadinessStatus.LOADING);
        membership.changed(true);
        assertThat(membership.status().status()).isEqualTo(ReadinessStatus.READY);
        assertThat(membership.absence()).isNull();
    }

    @Test
    void waitsForItsModelsWhileAnotherServesThemAll() {
        models = List.of(LOADED, LOADING);
        view.listening();
        for (int i = 0; i < 60; i++) {
            another(ReadinessStatus.READY);
            assertThat(membership.mayTakePart()).isFalse();
            pass(Duration.ofSeconds(1));
        }
        assertThat(membership.absence())
                .isEqualTo("does not read the lane existing: sums v2: the model is still loading");
        models = List.of(LOADED);
        assertThat(membership.mayTakePart()).isTrue();
    }

    @Test
    void waitsForItsModelsForABoundedTimeWhenNobodyElseServes() {
        models = List.of(LOADED, LOADING);
        view.listening();
        assertThat(membership.mayTakePart()).isFalse();
        pass(LOAD_TIMEOUT);
        assertThat(membership.mayTakePart()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(membership.mayTakePart()).isTrue();
    }

    @Test
    void takesPartWithoutAModelThatNobodyCanLoadOnceEverybodyHasSpoken() {
        models = List.of(LOADED, FAILED);
        assertThat(membership.mayTakePart()).as("it hears nothing yet").isFalse();
        view.listening();
        another(ReadinessStatus.FAILED);
        pass(Duration.ofSeconds(2));
        assertThat(membership.mayTakePart()).isFalse();
        pass(Duration.ofSeconds(3));
        assertThat(membership.mayTakePart()).isTrue();
    }

    @Test
    void leavesWhenItCannotLoadAModelThatAnotherServes() {
        takesPart();
        models = List.of(LOADED, FAILED);
        another(ReadinessStatus.READY);
        pass(Duration.ofSeconds(1));
        assertThat(membership.mayTakePart()).isTrue();
        pass(Duration.ofSeconds(3));
        assertThat(membership.mayTakePart())
                .as("the other may have the same trouble")
                .isTrue();
        pass(Duration.ofSeconds(3));
        another(ReadinessStatus.READY);
        assertThat(membership.mayTakePart()).isFalse();
    }

    @Test
    void staysWhenNobodyElseServesEveryModel() {
        takesPart();
        models = List.of(LOADED, FAILED);
        for (int i = 0; i < 60; i++) {
            another(ReadinessStatus.FAILED);
            assertThat(membership.mayTakePart()).isTrue();
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void staysWhileAModelOfANewStateIsLoading() {
        takesPart();
        models = List.of(LOADED, LOADING);
        for (int i = 0; i < 60; i++) {
            another(ReadinessStatus.READY);
            assertThat(membership.mayTakePart()).isTrue();
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void aModelWithoutRequestsIsNoReasonToLeave() {
        takesPart();
        models = List.of(LOADED, NamedModel.of("sums", "v2", true, new Unavailable("no such file")));
        another(ReadinessStatus.READY);
        pass(Duration.ofSeconds(9));
        assertThat(membership.mayTakePart()).isTrue();
        assertThat(membership.status().status()).isEqualTo(ReadinessStatus.READY);
    }

    private void takesPart() {
        view.listening();
        assertThat(membership.mayTakePart()).isTrue();
        membership.changed(true);
        pass(Duration.ofSeconds(9));
        assertThat(membership.mayTakePart()).isTrue();
    }

    private void another(ReadinessStatus status) {
        for (String instance : List.of("a", "b")) {
            view.hear(ModelReadiness.newBuilder()
                    .setInstance(instance)
                    .setLane("existing")
                    .setStatus(instance.equals("a") ? ReadinessStatus.READY : status)
                    .setAt(Instant.EPOCH)
                    .build());
        }
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}

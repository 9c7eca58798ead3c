package io.understudy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.control.Inspections.Result;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.reason.ReasonCode;
import io.understudy.rollout.ModelInspection;
import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InspectionsTest {

    private static final Model MODEL = Model.newBuilder()
            .setVersion("v1")
            .setScorer(ScorerKind.ONNX)
            .setLocation("model.onnx")
            .build();

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);

    private Inspections inspections(ModelInspection inspection, Duration deadline) {
        return new Inspections(inspection, 1, deadline, new ControlMeters(new Meters(meters, "controller")));
    }

    @Test
    void everythingThatAModelBringsDownIsAReasonToRejectIt() throws Exception {
        for (Throwable fault : new Throwable[] {
            new OutOfMemoryError("Java heap space"),
            new StackOverflowError(),
            new UnsatisfiedLinkError("no onnxruntime"),
            new IllegalStateException("odd")
        }) {
            try (Inspections inspections = inspections(model -> throwIt(fault), LONG)) {
                Result result = inspections.begin(MODEL).get();
                assertThat(result).isInstanceOfSatisfying(Result.Unusable.class, unusable -> {
                    assertThat(unusable.why()).hasMessage("cannot be inspected: " + fault);
                    assertThat(unusable.why().code()).isEqualTo(ReasonCode.MODEL_UNUSABLE);
                });
            }
        }
    }

    private static Model throwIt(Throwable fault) {
        if (fault instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) fault;
    }

    @Test
    void anInspectionThatDoesNotEndIsInterruptedAndItsThreadInspectsTheNext() throws Exception {
        try (Inspections inspections = inspections(this::hangFirst, Duration.ofMillis(300))) {
            CompletableFuture<Result> first = inspections.begin(MODEL);
            assertThat(first.get())
                    .isInstanceOfSatisfying(
                            Result.Unusable.class,
                            unusable -> assertThat(unusable.why().code()).isEqualTo(ReasonCode.INSPECTION_TIMEOUT));
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(inspections.begin(MODEL).get()).isEqualTo(new Result.Usable(MODEL));
        }
    }

    /** Native code hears no interruption. */
    @Test
    void anInspectionThatCannotBeInterruptedDelaysNoAnswerEither() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (Inspections inspections = inspections(model -> hangDeaf(end, model), SHORT)) {
            assertThat(inspections.begin(MODEL).get()).isInstanceOf(Result.Unusable.class);
            assertThat(inspections.begin(MODEL).get())
                    .isInstanceOfSatisfying(
                            Result.Unusable.class,
                            unusable -> assertThat(unusable.why())
                                    .hasMessageStartingWith("the inspection could not begin within 20 ms"));
        } finally {
            end.countDown();
        }
    }

    @Test
    void cancellingEndsAnInspection() throws Exception {
        try (Inspections inspections = inspections(this::hangFirst, LONG)) {
            CompletableFuture<Result> first = inspections.begin(MODEL);
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(meters.get(Metric.INSPECTIONS_RUNNING.id()).gauge().value())
                    .isEqualTo(1);
            first.cancel(true);
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Model hangFirst(Model model) {
        if (begun.getCount() > 0) {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        }
        return model;
    }

    private static Model hangDeaf(CountDownLatch end, Model model) {
        boolean ended = false;
        while (!ended) {
            try {
                end.await();
                ended = true;
            } catch (InterruptedException e) {
                // goes on, as native code would
            }
        }
        return model;
    }
}

package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.metrics.Metric;
import io.understudy.runtime.Node;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router whose thread stands still while requests wait for a healthy candidate, on a real broker. */
class StalledRouterIT {

    private static final Duration STALL = Duration.ofSeconds(3);
    private static final int REQUESTS = 1200;
    private static final Duration PAUSE = Duration.ofMillis(4);

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: sum.onnx}}
            stages: [{kind: canary, share: 100%}]
            fallback: {deadline: 1s, breaker: {errors: 5%, timeouts: 5%, window: 1m, minimum: 20}}
            """;

    @TempDir
    Path directory;

    /** A clock that holds up the router's thread once. */
    private static final class StallingClock implements InstantSource {

        private final AtomicBoolean stall = new AtomicBoolean();

        @Override
        public Instant instant() {
            if (Thread.currentThread().getName().contains("StreamThread") && stall.compareAndSet(true, false)) {
                long end = System.nanoTime() + STALL.toNanos();
                while (System.nanoTime() < end) {
                    LockSupport.parkNanos(end - System.nanoTime());
                }
            }
            return Instant.now();
        }
    }

    @Test
    void theCandidateIsNotBlamedForAStallOfTheRouter() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            StallingClock clock = new StallingClock();
            Node router = installation.startNode("router", clock);
            installation.startNode("scorer,controller");
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(RolloutVerb.START, "sums", ROLLOUT);
            assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.READY);
            router.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));
            // The first requests may wait for the scorer's partitions.
            send(installation, "warm", 0, 20);
            installation.predictions(installation.topics().predictions(), 20);
            double fallbacksBefore = fallbacks(router);

            for (int i = 0; i < REQUESTS; i++) {
                if (i == REQUESTS / 2) {
                    clock.stall.set(true);
                }
                send(installation, "id", i, 1);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
            List<Prediction> answers =
                    installation.predictions(installation.topics().predictions(), REQUESTS + 20).stream()
                            .filter(answer -> answer.getRequestId().startsWith("id-"))
                            .toList();

            assertThat(router.meters()
                            .counter(Metric.STALLED_SECONDS.id(), "role", "router")
                            .count())
                    .as("the stall happened")
                    .isGreaterThan(STALL.toSeconds() - 1.0);
            assertThat(answers).hasSize(REQUESTS).allMatch(answer -> answer.getArm() == Arm.CANDIDATE);
            assertThat(fallbacks(router)).isEqualTo(fallbacksBefore);
            assertThat(installation.events())
                    .extracting(RolloutEvent::getType)
                    .doesNotContain(RolloutEventType.BREAKER_OPENED);
        }
    }

    private static double fallbacks(Node router) {
        return router.meters().find(Metric.FALLBACKS.id()).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private static void send(Installation installation, String name, int from, int count) {
        for (int i = from; i < from + count; i++) {
            installation.send(
                    installation.topics().predictionRequests(),
                    "key-" + i,
                    installation.encode(request(name + "-" + i, "sums", Map.of("x", 1.0, "y", 1.0))));
        }
        installation.flush();
    }
}

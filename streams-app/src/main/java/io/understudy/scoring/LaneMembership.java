package io.understudy.scoring;

import io.understudy.readiness.ReadinessView;
import io.understudy.schema.ReadinessStatus;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether this process takes part in a lane. It begins once its models are loaded. A process that cannot load one
 * stays out, or leaves, while another process serves all models of the lane; otherwise it takes part, because the other
 * models need somebody. A process that serves all models never leaves, so two that each lack a model do not wait for each
 * other. Safe for many threads.
 */
public final class LaneMembership {

    /** How long a decision holds, because it looks at every model. */
    private static final Duration DECISION = Duration.ofMillis(200);

    /**
     * How long a model must have failed before the process leaves. By then, others that cannot load it either have said
     * so.
     */
    private static final Duration PATIENCE = ReadinessView.HEARTBEAT.multipliedBy(2);

    private final Lane lane;
    private final String instance;
    private final Supplier<List<NamedModel>> models;
    private final ReadinessView view;
    private final Duration loadTimeout;
    private final LongSupplier nanos;
    private final AtomicInteger workers = new AtomicInteger();
    private OptionalLong firstAsked = OptionalLong.empty();
    private OptionalLong failedSince = OptionalLong.empty();
    private OptionalLong decidedAt = OptionalLong.empty();
    private boolean decision;

    /**
     * The state of the lane in this process.
     *
     * @param status READY if every model is loaded and this process takes part
     * @param cause why it is not READY; null if it is
     */
    record LaneStatus(ReadinessStatus status, @Nullable String cause) {}

    /**
     * Creates a membership.
     *
     * @param instance name of this process
     * @param loadTimeout how long a process that starts waits for its models, while nobody else serves them all
     */
    public LaneMembership(
            Lane lane, String instance, ModelCatalogue catalogue, ReadinessView view, Duration loadTimeout) {
        this(lane, instance, () -> catalogue.named(lane), view, loadTimeout, System::nanoTime);
    }

    LaneMembership(
            Lane lane,
            String instance,
            Supplier<List<NamedModel>> models,
            ReadinessView view,
            Duration loadTimeout,
            LongSupplier nanos) {
        this.lane = lane;
        this.instance = instance;
        this.models = models;
        this.view = view;
        this.loadTimeout = loadTimeout;
        this.nanos = nanos;
    }

    /** The lane. */
    public Lane lane() {
        return lane;
    }

    /** Whether the workers of this process may read the lane now. */
    synchronized boolean mayTakePart() {
        long now = nanos.getAsLong();
        if (firstAsked.isEmpty()) {
            firstAsked = OptionalLong.of(now);
        }
        if (decidedAt.isEmpty() || now - decidedAt.getAsLong() > DECISION.toNanos()) {
            decision = decide(now);
            decidedAt = OptionalLong.of(now);
        }
        return decision;
    }

    private boolean decide(long now) {
        ReadinessStatus models = models().status();
        if (models != ReadinessStatus.FAILED) {
            failedSince = OptionalLong.empty();
        } else if (failedSince.isEmpty()) {
            failedSince = OptionalLong.of(now);
        }
        if (models == ReadinessStatus.READY) {
            return true;
        }
        if (takesPart()) {
            // Requests wait for a model that is loading.
            return failedSince.isEmpty() || now - failedSince.getAsLong() < PATIENCE.toNanos() || !isServedByAnother();
        }
        if (!view.hasHeardEverybody() || isServedByAnother()) {
            return false;
        }
        return models == ReadinessStatus.FAILED || now - firstAsked.orElse(now) > loadTimeout.toNanos();
    }

    private boolean isServedByAnother() {
        return view.lane(lane.code()).stream()
                .anyMatch(other -> other.getStatus() == ReadinessStatus.READY
                        && !other.getInstance().equals(instance));
    }

    /** Records that a worker begins to read the lane, or has stopped. */
    void changed(boolean begins) {
        workers.addAndGet(begins ? 1 : -1);
    }

    /** Whether a worker of this process reads the lane. */
    boolean takesPart() {
        return workers.get() > 0;
    }

    /** Whether this process serves the lane; if not, why. */
    LaneStatus status() {
        LaneStatus models = models();
        return models.status() != ReadinessStatus.READY || takesPart()
                ? models
                : new LaneStatus(ReadinessStatus.LOADING, "has loaded its models and joins the lane");
    }

    /** Why this process does not read the lane; null if it does. */
    public @Nullable String absence() {
        return takesPart() ? null : "does not read the lane " + lane.code() + ": " + status().cause();
    }

    /** The worst of the models that have requests in the lane: one that failed before one that is loading. */
    private LaneStatus models() {
        List<NamedModel> requested =
                models.get().stream().filter(model -> !model.awaited()).toList();
        for (ReadinessStatus status : List.of(ReadinessStatus.FAILED, ReadinessStatus.LOADING)) {
            for (NamedModel model : requested) {
                if (model.status() == status) {
                    return new LaneStatus(status, model.text());
                }
            }
        }
        return new LaneStatus(ReadinessStatus.READY, null);
    }
}

package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.DeadLetterReason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of the router. */
public final class RoutingMeters {

    private static final double MILLIS_PER_SECOND = 1000;

    private final Meters meters;

    public RoutingMeters(Meters meters) {
        this.meters = meters;
    }

    /** Returns the counter itself, so that there is no lookup for every request. */
    Counter routed(String lane, String deployment) {
        return meters.counter(Metric.ROUTED, lane, deployment);
    }

    void rejected() {
        meters.count(Metric.REJECTED);
    }

    void requestAhead() {
        meters.count(Metric.REQUESTS_AHEAD);
    }

    void keyless() {
        meters.count(Metric.KEYLESS);
    }

    void deadLetter(DeadLetterReason reason) {
        meters.count(Metric.DEAD_LETTERS, reason.code());
    }

    void fallback(String deployment, PredictionStatus candidate) {
        meters.count(Metric.FALLBACKS, deployment, candidate.name());
    }

    void lateAnswer(String deployment) {
        meters.count(Metric.LATE_ANSWERS, deployment);
    }

    void repeatedRequest(String deployment) {
        meters.count(Metric.REPEATED_REQUESTS, deployment);
    }

    void unreadableAnswer() {
        meters.count(Metric.UNREADABLE_ANSWERS);
    }

    void breakerOpened(String deployment) {
        meters.count(Metric.BREAKERS_OPENED, deployment);
    }

    /** Counts segments of waiting requests that could not be restored. */
    void unreadableSegments(int count) {
        meters.counter(Metric.STORES_UNREADABLE, RoutingNames.WAITING_STORE).increment(count);
    }

    /** Memory of the requests that wait for candidates, in all partitions of this process, estimated, bytes. */
    AtomicLong waitingBytes() {
        return meters.sum(Metric.WAITING_BYTES);
    }

    void refusedByGuard(String deployment) {
        meters.count(Metric.GUARD_REFUSALS, deployment);
    }

    void stalled(Duration time) {
        meters.counter(Metric.STALLED_SECONDS).increment(time.toMillis() / MILLIS_PER_SECOND);
    }

    void unknownLane(String deployment) {
        meters.count(Metric.UNKNOWN_LANES, deployment);
    }

    void unreadableState() {
        meters.count(Metric.UNREADABLE_STATES);
    }
}

package io.understudy.control;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.reason.ReasonCode;
import io.understudy.wire.DeadLetterReason;
import java.util.concurrent.atomic.AtomicLong;

/** What the controller counts. */
public final class ControlMeters {

    private final Meters meters;

    public ControlMeters(Meters meters) {
        this.meters = meters;
    }

    void commandAccepted(String verb) {
        meters.count(Metric.COMMANDS_ACCEPTED, verb);
    }

    void commandRejected(String verb) {
        meters.count(Metric.COMMANDS_REJECTED, verb);
    }

    void commandRepeated(String verb) {
        meters.count(Metric.COMMANDS_REPEATED, verb);
    }

    void unreadableState() {
        meters.count(Metric.STORES_UNREADABLE, ControlNames.STATE_STORE);
    }

    /** The number of commands that wait for an inspection, to which each partition adds its own. */
    AtomicLong waitingCommands() {
        return meters.sum(Metric.COMMANDS_WAITING);
    }

    void unreadableWaiting() {
        meters.count(Metric.COMMANDS_UNREADABLE);
    }

    void inspectionBegins() {
        meters.sum(Metric.INSPECTIONS_RUNNING).incrementAndGet();
    }

    void inspectionEnds() {
        meters.sum(Metric.INSPECTIONS_RUNNING).decrementAndGet();
    }

    /** Counts the result of an inspection; {@code code} says what was wrong. */
    void inspectionFailed(ReasonCode code) {
        meters.count(Metric.INSPECTIONS_FAILED, code.name());
    }

    void deadLetter(DeadLetterReason reason) {
        meters.count(Metric.DEAD_LETTERS, reason.code());
    }
}

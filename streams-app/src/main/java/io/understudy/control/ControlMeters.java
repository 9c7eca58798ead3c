package io.understudy.control;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.wire.DeadLetterReason;

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

    void deadLetter(DeadLetterReason reason) {
        meters.count(Metric.DEAD_LETTERS, reason.code());
    }
}

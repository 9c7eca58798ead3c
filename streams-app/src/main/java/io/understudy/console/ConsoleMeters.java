package io.understudy.console;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import java.util.function.DoubleSupplier;

/** What the console counts about its own clients. */
final class ConsoleMeters {

    private final Meters meters;

    ConsoleMeters(Meters meters) {
        this.meters = meters;
    }

    void refused(int status) {
        meters.count(Metric.HTTP_REFUSED, Integer.toString(status));
    }

    void wrongToken() {
        meters.count(Metric.WRONG_TOKENS);
    }

    /** Clients that follow events now. */
    void streamClients(DoubleSupplier clients) {
        meters.gauge(Metric.STREAM_CLIENTS, clients);
    }
}

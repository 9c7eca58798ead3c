package io.understudy.notification;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;

/** What the notifier counts. */
public final class NotificationMeters {

    private final Meters meters;

    public NotificationMeters(Meters meters) {
        this.meters = meters;
    }

    void delivered(Format format) {
        meters.count(Metric.NOTIFICATIONS_DELIVERED, format.code());
    }

    void retried(Format format) {
        meters.count(Metric.NOTIFICATIONS_RETRIED, format.code());
    }

    void givenUp(Format format) {
        meters.count(Metric.NOTIFICATIONS_GIVEN_UP, format.code());
    }
}

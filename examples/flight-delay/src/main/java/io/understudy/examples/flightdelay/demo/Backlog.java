package io.understudy.examples.flightdelay.demo;

import io.understudy.console.LagProbe;
import io.understudy.runtime.ReaderLag;
import io.understudy.runtime.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** The records that router and scorers have not read yet, looked up once a second. For one thread. */
final class Backlog implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final LagProbe probe;
    private final Map<String, Long> unread = new TreeMap<>();
    private long nextLook = System.nanoTime();

    Backlog(Settings settings) {
        this.probe = new ReaderLag(settings);
    }

    /** The number of unread records; empty until the next look, and while the cluster does not answer. */
    OptionalLong look() throws InterruptedException {
        if (System.nanoTime() - nextLook < 0) {
            return OptionalLong.empty();
        }
        nextLook = System.nanoTime() + INTERVAL.toNanos();
        try {
            Map<String, Long> lags = probe.lags();
            unread.clear();
            lags.forEach((reader, lag) -> {
                if (reader.startsWith("router") || reader.startsWith("scorer")) {
                    unread.put(reader, lag);
                }
            });
            return OptionalLong.of(
                    unread.values().stream().mapToLong(Long::longValue).sum());
        } catch (ExecutionException e) {
            return OptionalLong.empty();
        }
    }

    /** The unread records of each reader at the last look, like {@code "router has 12 records to read"}. */
    @Override
    public String toString() {
        return unread.entrySet().stream()
                .map(reader -> reader.getKey() + " has " + reader.getValue() + " records to read")
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        probe.close();
    }
}

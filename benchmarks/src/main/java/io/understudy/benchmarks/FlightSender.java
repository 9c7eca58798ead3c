package io.understudy.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends requests at an even pace, to each of its deployments in turn, with identifiers that never repeat. */
final class FlightSender {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final AtomicLong ids = new AtomicLong();
    private final int perSecond;
    private final List<String> deployments;

    FlightSender(int perSecond, List<String> deployments) {
        this.perSecond = perSecond;
        this.deployments = deployments;
    }

    /** Sends {@code count} requests and waits until the broker has them. */
    void send(Site site, KafkaProducer<byte[], byte[]> producer, int count) {
        try {
            List<Site.FlightRequest> flights = site.flights();
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long ahead = start + i * NANOS_PER_SECOND / perSecond - System.nanoTime();
                if (ahead > 0) {
                    LockSupport.parkNanos(ahead);
                }
                Site.FlightRequest flight = flights.get(i % flights.size());
                producer.send(new ProducerRecord<>(
                        site.topics().predictionRequests().name(),
                        null,
                        System.currentTimeMillis(),
                        flight.key(),
                        flight.valueOf(
                                String.format(Locale.ROOT, "%036d", ids.getAndIncrement()),
                                deployments.get(i % deployments.size()))));
            }
            producer.flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

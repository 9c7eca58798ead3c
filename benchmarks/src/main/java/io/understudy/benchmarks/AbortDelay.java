package io.understudy.benchmarks;

import io.understudy.registry.Decoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the time from sending an abort to the last answer of the candidate that a consumer of the predictions
 * receives.
 */
final class AbortDelay {

    private static final int REQUESTS_PER_SECOND = 500;
    private static final long MAX_MILLIS = 600_000;

    /** When no answer of the candidate has arrived for this time, the abort is complete. */
    private static final long QUIET_MILLIS = 1500;

    private static final long PROBE_MILLIS = 5;

    /** Answers of the candidate before each abort. */
    private static final int ANSWERS_BEFORE_ABORT = 100;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final AtomicLong served = new AtomicLong();
    private volatile long lastServed;
    private volatile boolean done;

    AbortDelay(BrokerProcess broker, Path example, Path state) {
        this.broker = broker;
        this.example = example;
        this.state = state;
    }

    /** The delays of {@code times} aborts of a canary that serves half the units, milliseconds. */
    Histogram measure(int times) throws Exception {
        Histogram delays = new Histogram(MAX_MILLIS, 3);
        try (Site site = new Site(broker, example, state)) {
            site.start("router,scorer,controller");
            site.command(RolloutVerb.DEPLOY, Files.readString(example.resolve("deployment.yaml")));
            Thread sender = new Thread(() -> send(site));
            Thread reader = new Thread(() -> read(site));
            sender.start();
            reader.start();
            for (int i = 0; i < times; i++) {
                site.command(RolloutVerb.START, Latency.canary(example));
                long before = served.get();
                while (served.get() < before + ANSWERS_BEFORE_ABORT) {
                    TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
                }
                long abortedAt = System.currentTimeMillis();
                site.command(RolloutVerb.ABORT, null);
                while (System.currentTimeMillis() - Math.max(abortedAt, lastServed) < QUIET_MILLIS) {
                    TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
                }
                delays.recordValue(Math.max(0, lastServed - abortedAt));
            }
            done = true;
            sender.join();
            reader.join();
        }
        return delays;
    }

    private void send(Site site) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(site.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
            long start = System.nanoTime();
            for (int i = 0; !done; i++) {
                LockSupport.parkNanos(start + i * NANOS_PER_SECOND / REQUESTS_PER_SECOND - System.nanoTime());
                Site.FlightRequest flight = site.flight(i);
                producer.send(new ProducerRecord<>(
                        site.topics().predictionRequests().name(),
                        flight.key(),
                        flight.valueOf(String.format(Locale.ROOT, "%036d", i), Site.DEPLOYMENT)));
            }
        }
    }

    private void read(Site site) {
        Decoder<Prediction> decoder = site.registry().decoder(site.topics().predictions(), Prediction.class);
        try (KafkaConsumer<byte[], byte[]> consumer =
                Latency.atEnd(site, site.topics().predictions())) {
            while (!done) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                    if (decoder.decode(record.value()).getArm() == Arm.CANDIDATE) {
                        served.incrementAndGet();
                        lastServed = System.currentTimeMillis();
                    }
                }
            }
        }
    }
}

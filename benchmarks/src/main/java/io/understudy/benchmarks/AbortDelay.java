package io.understudy.benchmarks;

import io.understudy.registry.Decoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** From the moment an operator sends an abort to the last answer of the candidate that a reader of the predictions still gets. */
final class AbortDelay {

    private static final int PER_SECOND = 500;
    private static final long LONGEST_MILLIS = 600_000;
    private static final long QUIET_MILLIS = 1500;
    /** Between two looks at what the reader has got. */
    private static final long PROBE_MILLIS = 5;

    private static final int FLOWING = 100;
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final AtomicLong served = new AtomicLong();
    private volatile long lastServed;
    private volatile boolean over;

    AbortDelay(BrokerProcess broker, Path example, Path state) {
        this.broker = broker;
        this.example = example;
        this.state = state;
    }

    /** The delays of {@code times} aborts of a canary that serves half the units, milliseconds. */
    Histogram measure(int times) throws Exception {
        Histogram delays = new Histogram(LONGEST_MILLIS, 3);
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
                while (served.get() < before + FLOWING) {
                    TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
                }
                long asked = System.currentTimeMillis();
                site.command(RolloutVerb.ABORT, null);
                while (System.currentTimeMillis() - Math.max(asked, lastServed) < QUIET_MILLIS) {
                    TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
                }
                delays.recordValue(Math.max(0, lastServed - asked));
            }
            over = true;
            sender.join();
            reader.join();
        }
        return delays;
    }

    private void send(Site site) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(site.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
            long start = System.nanoTime();
            for (int i = 0; !over; i++) {
                LockSupport.parkNanos(start + i * NANOS_A_SECOND / PER_SECOND - System.nanoTime());
                Site.FlightRequest flight = site.flight(i);
                producer.send(new ProducerRecord<>(
                        site.topics().predictionRequests().name(),
                        flight.key(),
                        flight.valueOf(String.format("%036d", i), Site.DEPLOYMENT)));
            }
        }
    }

    private void read(Site site) {
        Decoder<Prediction> decoder = site.registry().decoder(site.topics().predictions(), Prediction.class);
        try (KafkaConsumer<byte[], byte[]> consumer =
                Latency.atEnd(site, site.topics().predictions())) {
            while (!over) {
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

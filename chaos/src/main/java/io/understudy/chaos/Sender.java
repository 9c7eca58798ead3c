package io.understudy.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Outcome;
import io.understudy.schema.PredictionRequest;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The upstream: sends flights of the example as requests to every deployment, and a second later their outcomes. The
 * flights are in a random order, so that at any time the better model is the better one. When all are sent, it begins
 * again. It waits for a broker that is away as long as that takes.
 */
final class Sender implements Runnable, AutoCloseable {

    private static final int FLIGHTS = 20_000;
    private static final String OUTCOME = "late";
    private static final long OUTCOME_DELAY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private final Path flights;
    private final Path airports;
    private final List<String> deployments;
    private final double rate;
    private final Topics topics;
    private final Encoder<PredictionRequest> requests;
    private final Encoder<Outcome> outcomes;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Violations violations;
    private final Queue<InTheAir> inTheAir = new ArrayDeque<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Thread thread = new Thread(this, "sender");
    private volatile Duration clockOffset = Duration.ZERO;
    private volatile boolean closing;
    private long sent;

    /**
     * Creates a sender.
     *
     * @param example directory of the example
     * @param rate flights per second, each of which is a request to every deployment
     */
    Sender(
            Path example,
            List<String> deployments,
            double rate,
            Topics topics,
            Registry registry,
            Map<String, String> kafka,
            Violations violations) {
        this.flights = example.resolve("data/flights-2001-03-05.csv.gz");
        this.airports = example.resolve("models/airports.csv");
        this.deployments = deployments;
        this.rate = rate;
        this.topics = topics;
        this.requests = registry.encoder(topics.predictionRequests());
        this.outcomes = registry.encoder(topics.outcomes());
        this.violations = violations;
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        configs.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.MAX_VALUE);
        configs.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        this.producer = new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private record Departure(Flight flight, Map<String, Object> features) {}

    private record InTheAir(String deployment, String id, Flight flight, long landsAt) {}

    void start() {
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (failed, exception) -> violations.add("the sender of the campaign failed: " + exception));
        thread.start();
    }

    @Override
    public void run() {
        List<Departure> departures = departures();
        long start = System.nanoTime();
        for (long number = 0; !closing; number++) {
            await(start + (long) (number / rate * SECOND_NANOS));
            land(System.nanoTime());
            depart(number, departures.get((int) (number % departures.size())));
        }
        land(Long.MAX_VALUE);
        producer.flush();
    }

    private List<Departure> departures() {
        List<Departure> departures = new ArrayList<>();
        try (Stream<Flight> read = FlightFile.read(flights)) {
            FlightFeatures features = new FlightFeatures(Airports.read(airports));
            read.limit(FLIGHTS).forEach(flight -> departures.add(new Departure(flight, features.named(flight))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Collections.shuffle(departures, new Random(0));
        return departures;
    }

    private static void await(long due) {
        for (long ahead = due - System.nanoTime(); ahead > 0; ahead = due - System.nanoTime()) {
            LockSupport.parkNanos(ahead);
        }
    }

    private void depart(long number, Departure departure) {
        for (String deployment : deployments) {
            String id = deployment + "/" + number;
            PredictionRequest request = PredictionRequest.newBuilder()
                    .setRequestId(id)
                    .setDeployment(deployment)
                    .setEventTime(Instant.now().plus(clockOffset))
                    .setFeatures(departure.features())
                    .build();
            send(
                    topics.predictionRequests(),
                    departure.flight(),
                    requests.encode(request),
                    acknowledged::incrementAndGet);
            inTheAir.add(new InTheAir(deployment, id, departure.flight(), System.nanoTime() + OUTCOME_DELAY_NANOS));
            sent++;
        }
    }

    private void land(long now) {
        while (!inTheAir.isEmpty() && inTheAir.peek().landsAt() <= now) {
            InTheAir landed = inTheAir.poll();
            Outcome outcome = Outcome.newBuilder()
                    .setRequestId(landed.id())
                    .setDeployment(landed.deployment())
                    .setName(OUTCOME)
                    .setValue(landed.flight().isLate())
                    .setObservedAt(Instant.now())
                    .build();
            send(topics.outcomes(), landed.flight(), outcomes.encode(outcome), () -> {});
        }
    }

    private void send(Topic topic, Flight flight, byte[] value, Runnable acknowledge) {
        long time = System.currentTimeMillis() + clockOffset.toMillis();
        producer.send(
                new ProducerRecord<>(topic.name(), null, time, flight.service().getBytes(UTF_8), value),
                (metadata, failure) -> {
                    if (failure == null) {
                        acknowledge.run();
                    } else {
                        violations.add("the sender could not send: " + failure);
                    }
                });
    }

    /** Sets the sender's clock wrong. */
    void clockOffset(Duration offset) {
        clockOffset = offset;
    }

    /** The number of requests that the broker has acknowledged. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Sends the outcomes of the flights that are in the air, waits for all acknowledgements and ends. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
        producer.close();
        if (acknowledged.get() != sent) {
            violations.add("of " + sent + " requests, the broker acknowledged " + acknowledged.get());
        }
    }
}

package io.understudy.examples.flightdelay.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Outcome;
import io.understudy.schema.PredictionRequest;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The part of upstream: sends a request for each flight at its departure and the outcome at its landing, in the
 * original order but faster.
 */
final class Replay implements Callable<Long> {

    static final String DEPLOYMENT = "flight-delay";

    private static final String OUTCOME = "late";
    private static final int LINGER_MS = 5;

    private final Stream<Flight> flights;
    private final FlightFeatures features;
    private final Pace pace;
    private final Topics topics;
    private final Encoder<PredictionRequest> requests;
    private final Encoder<Outcome> outcomes;
    private final Map<String, String> kafka;
    private final PriorityQueue<InTheAir> inTheAir = new PriorityQueue<>(
            Comparator.comparingLong(flying -> flying.flight().landedAt()));
    private volatile long limit = Long.MAX_VALUE;
    private volatile long sent;
    private volatile Exception sendFailure;

    /**
     * Creates a replay.
     *
     * @param flights flights in order of departure
     * @param pace when each flight is sent
     */
    Replay(
            Stream<Flight> flights,
            FlightFeatures features,
            Pace pace,
            Topics topics,
            Registry registry,
            Map<String, String> kafka) {
        this.flights = flights;
        this.features = features;
        this.pace = pace;
        this.topics = topics;
        this.requests = registry.encoder(topics.predictionRequests());
        this.outcomes = registry.encoder(topics.outcomes());
        this.kafka = kafka;
    }

    private record InTheAir(String requestId, Flight flight) {}

    /** The number of flights sent so far. */
    long sent() {
        return sent;
    }

    /** Makes the replay end after {@code more} further flights. Only the first call has an effect. */
    void endAfter(long more) {
        if (limit == Long.MAX_VALUE) {
            limit = sent + more;
        }
    }

    /** Sends the flights and returns their number. */
    @Override
    public Long call() {
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            long start = System.nanoTime();
            Flight first = null;
            for (Iterator<Flight> iterator = flights.iterator(); sent < limit && iterator.hasNext(); ) {
                Flight flight = iterator.next();
                first = first == null ? flight : first;
                awaitTime(start + pace.dueNanos(first, flight, sent));
                sendOutcomesUntil(flight.departedAt(), producer);
                sendRequest(flight, producer);
            }
            sendOutcomesUntil(Long.MAX_VALUE, producer);
            producer.flush();
        }
        if (sendFailure != null) {
            throw new IllegalStateException("not all records could be sent", sendFailure);
        }
        return sent;
    }

    private void sendRequest(Flight flight, KafkaProducer<byte[], byte[]> producer) {
        String id = flight.departure().toLocalDate() + "/" + flight.service() + "/" + (sent + 1);
        PredictionRequest request = PredictionRequest.newBuilder()
                .setRequestId(id)
                .setDeployment(DEPLOYMENT)
                .setEventTime(Instant.ofEpochMilli(flight.departedAt()))
                .setFeatures(features.named(flight))
                .build();
        send(topics.predictionRequests(), flight, requests.encode(request), producer);
        inTheAir.add(new InTheAir(id, flight));
        sent++;
    }

    private void sendOutcomesUntil(long time, KafkaProducer<byte[], byte[]> producer) {
        while (!inTheAir.isEmpty() && inTheAir.peek().flight().landedAt() <= time) {
            InTheAir landed = inTheAir.poll();
            Outcome outcome = Outcome.newBuilder()
                    .setRequestId(landed.requestId())
                    .setDeployment(DEPLOYMENT)
                    .setName(OUTCOME)
                    .setValue(landed.flight().isLate())
                    .setObservedAt(Instant.ofEpochMilli(landed.flight().landedAt()))
                    .build();
            send(topics.outcomes(), landed.flight(), outcomes.encode(outcome), producer);
        }
    }

    private void send(Topic topic, Flight flight, byte[] value, KafkaProducer<byte[], byte[]> producer) {
        producer.send(
                new ProducerRecord<>(topic.name(), flight.service().getBytes(UTF_8), value), (metadata, failure) -> {
                    if (failure != null) {
                        sendFailure = failure;
                    }
                });
    }

    private static void awaitTime(long due) {
        long ahead = due - System.nanoTime();
        if (ahead > 0) {
            LockSupport.parkNanos(ahead);
        }
    }
}

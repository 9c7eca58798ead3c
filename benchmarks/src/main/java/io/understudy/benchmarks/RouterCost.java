package io.understudy.benchmarks;

import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import io.understudy.benchmarks.Meter.Cost;
import io.understudy.benchmarks.Meter.Work;
import io.understudy.metrics.Metric;
import io.understudy.registry.Encoder;
import io.understudy.runtime.Node;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the cost of the router while a candidate serves. Requests and answers of the candidate are written to their
 * topics in advance. By their timestamps, each answer is a thousand requests after its request, and the router
 * processes records in this order. So the guard stores, forwards and removes requests as with a real candidate, but the
 * result does not include the cost of a candidate.
 */
final class RouterCost {

    private static final String SALT = "benchmark";
    private static final int ANSWERED_AFTER = 1000;
    private static final Duration AHEAD = Duration.ofMinutes(10);
    private static final double MAX_LATE_SHARE = 0.1;

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final int settled;
    private final int count;

    /**
     * Creates a measurement.
     *
     * @param settled number of requests before the measurement starts
     * @param count total number of requests
     */
    RouterCost(BrokerProcess broker, Path example, Path state, int settled, int count) {
        this.broker = broker;
        this.example = example;
        this.state = state;
        this.settled = settled;
        this.count = count;
    }

    /**
     * The cost per million requests with {@code deployments} deployments, each with a canary of {@code share} buckets;
     * 0: without a rollout.
     */
    Cost measure(int deployments, int share) throws Exception {
        try (Site site = new Site(broker, example, state)) {
            site.start("controller");
            List<String> rollouts = site.deployAndStart(names(deployments), share == 0 ? null : rollout(share));
            site.stopNodes();
            fill(site, deployments, share, rollouts);
            Node node = site.start("router");
            String group = site.settings().prefix() + "understudy-router";
            List<Work> works = new ArrayList<>();
            works.add(new Work(group, site.topics().predictionRequests().name()));
            if (share > 0) {
                works.add(new Work(group, site.topics().candidatePredictions().name()));
            }
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                Cost cost = new Meter(broker, admin).measure(works, settled, count);
                checkServed(node, deployments, share);
                return cost;
            }
        }
    }

    /** Checks that the result is meaningful: for most answers, the guard must have found the waiting request. */
    private void checkServed(Node node, int deployments, int share) {
        double late = 0;
        for (String deployment : names(deployments)) {
            late += node.meters()
                    .counter(Metric.LATE_ANSWERS.id(), "role", "router", "deployment", deployment)
                    .count();
        }
        double candidateRequests = count * new Share(share).fraction();
        if (late > MAX_LATE_SHARE * candidateRequests) {
            throw new IllegalStateException(
                    late + " of about " + candidateRequests + " answers arrived before their requests");
        }
    }

    private static List<String> names(int deployments) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < deployments; i++) {
            names.add("deployment-" + i);
        }
        return names;
    }

    private static String rollout(int share) {
        return """
                candidate: {version: v2, scorer: {kind: external}}
                salt: %s
                stages: [{kind: canary, share: %s}]
                fallback: {deadline: 1m, breaker: none}
                """.formatted(SALT, new Share(share));
    }

    private void fill(Site site, int deployments, int share, List<String> rollouts) throws Exception {
        List<Site.FlightRequest> flights = site.flights();
        Encoder<Prediction> answers = site.registry().encoder(site.topics().candidatePredictions());
        // Kafka Streams interleaves the topics by these times. Times in the past would not count.
        long base = System.currentTimeMillis() + AHEAD.toMillis();
        site.keepTimes(List.of(site.topics().candidatePredictions()));
        site.set("requests.max-ahead-ms", Long.toString(2 * AHEAD.toMillis() + count));
        Map<String, Object> configs = site.kafka();
        configs.put("linger.ms", 20);
        configs.put("batch.size", 128 * 1024);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                String id = String.format(Locale.ROOT, "%036d", i);
                String deployment = "deployment-" + i % deployments;
                Site.FlightRequest flight = flights.get(i % flights.size());
                producer.send(new ProducerRecord<>(
                        site.topics().predictionRequests().name(),
                        null,
                        base + i,
                        flight.key(),
                        flight.valueOf(id, deployment)));
                if (share > 0 && TrafficSplit.arm(SALT, flight.key(), new Share(share)) == Arm.CANDIDATE) {
                    producer.send(new ProducerRecord<>(
                            site.topics().candidatePredictions().name(),
                            null,
                            base + i + ANSWERED_AFTER,
                            flight.key(),
                            answers.encode(answer(id, deployment, rollouts.get(i % deployments)))));
                }
            }
        }
    }

    private static Prediction answer(String id, String deployment, String rollout) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment(deployment)
                .setModelVersion("v2")
                .setArm(Arm.CANDIDATE)
                .setRollout(rollout)
                .setStage(0)
                .setEpoch(1)
                .setStatus(PredictionStatus.OK)
                .setScore(0.5)
                .setReceivedAt(Instant.EPOCH)
                .setRoutedAt(Instant.EPOCH)
                .setScoredAt(Instant.EPOCH)
                .build();
    }
}

package io.understudy.benchmarks;

import io.understudy.benchmarks.Meter.Cost;
import io.understudy.benchmarks.Meter.Work;
import io.understudy.registry.Encoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the cost of the evaluator per prediction, its traffic and its state, in shadow: each model gives half of the
 * answers.
 */
final class EvaluatorCost {

    private static final int PARTITIONS = 3;
    private static final double MILLION = 1e6;
    static final int WINDOW_SECONDS = 5;

    private static final String OPERATIONAL = """
              - {name: errors, kind: error-rate, role: guardrail, margin: 1.5}
              - {name: slow, kind: latency-over, role: guardrail, margin: 1.5, threshold: 250ms}
            """;

    static final String WITH_OUTCOMES = OPERATIONAL + """
              - {name: brier, kind: brier, role: success, mde: 0.004}
            """;

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final int settled;
    private final int count;

    /**
     * Creates a measurement.
     *
     * @param settled number of predictions before the measurement starts
     * @param count total number of predictions
     */
    EvaluatorCost(BrokerProcess broker, Path example, Path state, int settled, int count) {
        this.broker = broker;
        this.example = example;
        this.state = state;
        this.settled = settled;
        this.count = count;
    }

    Cost withoutOutcomes() throws Exception {
        return run(OPERATIONAL, false);
    }

    Cost withOutcomes() throws Exception {
        return run(WITH_OUTCOMES, true);
    }

    private Cost run(String metrics, boolean outcomes) throws Exception {
        try (Site site = new Site(broker, example, state)) {
            fill(site, begin(site, metrics), count, 5000, outcomes);
            site.start("evaluator");
            try (Admin admin = admin()) {
                String group = site.settings().prefix() + "understudy-evaluator";
                List<Work> works = Stream.of(
                                site.topics().predictions(),
                                site.topics().candidatePredictions(),
                                site.topics().outcomes())
                        .limit(outcomes ? 3 : 2)
                        .map(topic -> new Work(group, topic.name()))
                        .toList();
                Cost pairs = new Meter(broker, admin).measure(works, settled / 2, count / 2);
                return new Cost(2 * pairs.recordsPerSecond(), pairs.clientCpu() / 2, pairs.brokerCpu() / 2);
            }
        }
    }

    static long begin(Site site, String metrics) throws Exception {
        site.start("controller");
        site.command(RolloutVerb.DEPLOY, """
                deployment: flight-delay
                existing: {version: v1, scorer: {kind: external}}
                """);
        long version = site.command(RolloutVerb.START, String.format(Locale.ROOT, """
                deployment: flight-delay
                candidate: {version: v2, scorer: {kind: external}}
                window: %ds
                metrics:
                %s
                stages: [{kind: shadow}]
                """, WINDOW_SECONDS, metrics));
        site.stopNodes();
        return version;
    }

    /**
     * Fills the topics with the answers of both models to {@code predictions} / 2 requests, in order of time, at {@code
     * perSecond} predictions per second, and with outcomes if {@code outcomes} is true. Minutes of traffic are written
     * in seconds, so the records keep their own times.
     */
    private static void fill(Site site, long version, int predictions, int perSecond, boolean outcomes)
            throws Exception {
        site.keepTimes(List.of(
                site.topics().predictions(),
                site.topics().candidatePredictions(),
                site.topics().outcomes()));
        Encoder<Prediction> encoder = site.registry().encoder(site.topics().predictions());
        Encoder<Prediction> candidateEncoder =
                site.registry().encoder(site.topics().candidatePredictions());
        Encoder<Outcome> outcomeEncoder = site.registry().encoder(site.topics().outcomes());
        Map<String, Object> configs = site.kafka();
        configs.put("linger.ms", 20);
        configs.put("batch.size", 128 * 1024);
        long start = System.currentTimeMillis();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < predictions / 2; i++) {
                byte[] key = site.flights().get(i % site.flights().size()).key();
                long at = start + i * 2000L / perSecond;
                Prediction existing = prediction(i, version, Arm.EXISTING, at);
                Prediction candidate = prediction(i, version, Arm.CANDIDATE, at);
                send(producer, site.topics().predictions(), key, encoder.encode(existing), at);
                send(producer, site.topics().candidatePredictions(), key, candidateEncoder.encode(candidate), at);
                // In the time of the benchmark, a flight takes half a minute.
                int landed = i - 15 * perSecond;
                if (outcomes && landed >= 0) {
                    byte[] landedKey =
                            site.flights().get(landed % site.flights().size()).key();
                    send(producer, site.topics().outcomes(), landedKey, outcomeEncoder.encode(outcome(landed, at)), at);
                }
            }
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, Topic topic, byte[] key, byte[] value, long at) {
        producer.send(new ProducerRecord<>(topic.name(), null, at, key, value));
    }

    static Prediction prediction(int i, long version, Arm arm, long at) {
        Instant time = Instant.ofEpochMilli(at);
        return Prediction.newBuilder()
                .setRequestId("2001-03-05/request-" + i)
                .setDeployment(Site.DEPLOYMENT)
                .setModelVersion(arm == Arm.CANDIDATE ? "v2" : "v1")
                .setArm(arm)
                .setRollout("flight-delay-v2-" + version)
                .setStage(0)
                .setEpoch(1)
                .setMirrored(arm == Arm.CANDIDATE)
                .setStatus(i % 1000 == 0 ? PredictionStatus.ERROR : PredictionStatus.OK)
                .setScore(i % 1000 == 0 ? null : (i * 7919 % 1000) / 1000.0)
                .setEventTime(time)
                .setReceivedAt(time)
                .setRoutedAt(time)
                .setScoredAt(time.plusMillis(20))
                .build();
    }

    static Outcome outcome(int i, long at) {
        return Outcome.newBuilder()
                .setRequestId("2001-03-05/request-" + i)
                .setDeployment(Site.DEPLOYMENT)
                .setName("late")
                .setValue(i % 5 == 0)
                .setObservedAt(Instant.ofEpochMilli(at))
                .build();
    }

    /**
     * The traffic between the two steps of the evaluator.
     *
     * @param perMillion bytes per million predictions
     * @param perWindow bytes per window and partition
     */
    record Traffic(double perMillion, double perWindow) {}

    /** The bytes on the repartition topic at {@code perSecond} predictions per second. */
    Traffic repartitioned(int perSecond, int predictions) throws Exception {
        try (Site site = new Site(broker, example, state)) {
            fill(site, begin(site, WITH_OUTCOMES), predictions, perSecond, true);
            // Otherwise Kafka Streams deletes records that it has read, before they are measured.
            site.set("kafka.repartition.purge.interval.ms", "3600000");
            site.start("evaluator");
            awaitDone(site, predictions);
            try (Admin admin = admin()) {
                String topic = site.settings().prefix() + "understudy-evaluator-evaluator-partials-repartition";
                double bytes = admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                        .flatMap(directories -> directories.values().stream())
                        .map(LogDirDescription::replicaInfos)
                        .flatMap(replicas -> replicas.entrySet().stream())
                        .filter(entry -> entry.getKey().topic().equals(topic))
                        .mapToLong(entry -> entry.getValue().size())
                        .sum();
                double windows = Math.max(1, (double) predictions / perSecond / WINDOW_SECONDS) * PARTITIONS;
                return new Traffic(bytes / predictions * MILLION, bytes / windows);
            }
        }
    }

    /** The bytes on disk per request that waits for its outcome. */
    double stateBytesPerPendingRequest(int predictions) throws Exception {
        Path directory = Files.createTempDirectory(state, "pending-");
        try (Site site = new Site(broker, example, directory)) {
            fill(site, begin(site, WITH_OUTCOMES), predictions, 5000, false);
            site.start("evaluator");
            awaitDone(site, predictions);
            site.stopNodes();
            try (Stream<Path> files = Files.walk(directory)) {
                long bytes = files.filter(file -> file.toString().contains("evaluator-pending-requests"))
                        .filter(Files::isRegularFile)
                        .filter(file -> file.toString().endsWith(".sst"))
                        .mapToLong(EvaluatorCost::size)
                        .sum();
                return (double) bytes / (predictions / 2.0);
            }
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitDone(Site site, int predictions) throws Exception {
        try (Admin admin = admin()) {
            String group = site.settings().prefix() + "understudy-evaluator";
            new Meter(broker, admin)
                    .measure(
                            List.of(
                                    new Work(group, site.topics().predictions().name()),
                                    new Work(
                                            group,
                                            site.topics().candidatePredictions().name()),
                                    new Work(group, site.topics().outcomes().name())),
                            0,
                            predictions / 2);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }
}

package io.understudy.runtime;

import io.understudy.access.Party;
import io.understudy.http.Check;
import io.understudy.metrics.Meters;
import io.understudy.readiness.ReadinessFollower;
import io.understudy.readiness.ReadinessView;
import io.understudy.readiness.ReadinessWriter;
import io.understudy.registry.Registry;
import io.understudy.schema.RolloutState;
import io.understudy.scoring.Lane;
import io.understudy.scoring.LaneMembership;
import io.understudy.scoring.ModelCatalogue;
import io.understudy.scoring.ModelLoader;
import io.understudy.scoring.ReadinessReporter;
import io.understudy.scoring.ScorerWorker;
import io.understudy.scoring.ScoringMeters;
import io.understudy.scoring.StateFollower;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The scorer: one follower of the rollout states, and workers for each lane. */
final class ScorerRole implements Role {

    private static final String READ_COMMITTED = "read_committed";
    private static final int BATCH_BYTES = 128 * 1024;

    /**
     * A worker waits for a model within its budget, and for the registry up to four minutes. One that waits longer is
     * stuck, and another one takes its partitions. A worker that has failed is detected by its missing heartbeat.
     */
    private static final int MAX_POLL_INTERVAL_MS = 300_000;

    private static final int MAX_POLL_RECORDS = 10_000;
    private static final int FETCH_MIN_BYTES = 256 * 1024;

    /** Scorers run while partitions are raised, and requests in a new partition wait until they see it. */
    private static final int METADATA_MAX_AGE_MS = 10_000;

    private final Settings settings;
    private final ModelLoader loader;
    private final ModelCatalogue catalogue;
    private final StateFollower follower;
    private final ReadinessFollower readinessFollower;
    private final ReadinessReporter reporter;
    private final List<LaneMembership> memberships = new ArrayList<>();
    private final List<ScorerWorker> workers = new ArrayList<>();
    private final List<Consumer<byte[], byte[]>> consumers = new ArrayList<>();
    private final Progress progress;
    private final RoleThreads threads;

    ScorerRole(Settings settings, Registry registry, Meters roleMeters, InstantSource clock) {
        this.settings = settings;
        ScoringMeters meters = new ScoringMeters(roleMeters);
        this.threads = new RoleThreads(settings.permissions(Party.SCORER));
        Settings.ScorerSettings scorer = settings.scorer();
        this.loader = new ModelLoader(settings.modelLimits(), meters);
        this.catalogue = new ModelCatalogue(loader);
        this.follower = new StateFollower(
                settings.topics().rolloutState().name(),
                new KafkaConsumer<>(followerConfigs(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                registry.decoder(settings.topics().rolloutState(), RolloutState.class),
                catalogue::update,
                meters);
        threads.add(follower, "rollout-states");
        ReadinessView view = new ReadinessView();
        this.progress =
                new Progress(this::consumerMetrics, settings.monitoring().stuckAfter(), clock);
        for (Lane lane : scorer.lanes()) {
            LaneMembership membership =
                    new LaneMembership(lane, settings.instance(), catalogue, view, scorer.loadTimeout());
            memberships.add(membership);
            for (int index = 0; index < scorer.threads(); index++) {
                addWorker(membership, index, registry, meters, clock);
            }
        }
        this.readinessFollower = new ReadinessFollower(
                settings.topics().modelReadiness(), registry, settings.clients(), view, roleMeters);
        threads.add(readinessFollower, "model-readiness");
        this.reporter = new ReadinessReporter(
                settings.instance(),
                memberships,
                catalogue,
                new ReadinessWriter(settings.topics().modelReadiness(), registry, settings.clients()),
                clock);
        // Before it knows the models, a lane would seem to be complete.
        threads.add(() -> runAfterStates(reporter), "readiness-reports");
    }

    private void addWorker(
            LaneMembership membership, int index, Registry registry, ScoringMeters meters, InstantSource clock) {
        Lane lane = membership.lane();
        String name = lane.code() + "-" + index;
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(consumerConfigs(lane), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumers.add(consumer);
        ScorerWorker worker = ScorerWorker.forLane(
                membership,
                settings.topics(),
                registry,
                catalogue,
                consumer,
                () -> new KafkaProducer<>(producerConfigs(name), new ByteArraySerializer(), new ByteArraySerializer()),
                meters,
                clock,
                settings.scorer().maxBatch(),
                settings.scorer().patience());
        workers.add(worker);
        threads.add(() -> runAfterStates(worker), "scorer-" + name);
    }

    /** The group or transactional id with this end. */
    private String id(String end) {
        return settings.topics().application(RoleName.SCORER.code()) + "-" + end;
    }

    /**
     * Waits for the states first. Otherwise, requests would be answered with an error because their state is unknown.
     */
    private void runAfterStates(Runnable work) {
        try {
            if (follower.awaitCaughtUp()) {
                work.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Object> followerConfigs() {
        Map<String, Object> configs = settings.clients();
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, READ_COMMITTED);
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return configs;
    }

    private Map<String, Object> consumerConfigs(Lane lane) {
        Map<String, Object> configs = settings.clients();
        configs.put(ConsumerConfig.GROUP_ID_CONFIG, id(lane.code()));
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, READ_COMMITTED);
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // A position must say which of the records behind it are answered, in a few thousand bytes.
        configs.put(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                Math.min(settings.scorer().maxBatch(), MAX_POLL_RECORDS));
        Takeover.cooperativeConsumer(settings.kafka()).forEach(configs::putIfAbsent);
        configs.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_MAX_AGE_MS);
        configs.putIfAbsent(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, MAX_POLL_INTERVAL_MS);
        // A batch is a transaction, and each transaction costs the broker a marker in every partition. So it is worth
        // waiting a little for a fuller batch.
        configs.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_MIN_BYTES);
        configs.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int)
                settings.scorer().linger().toMillis());
        return configs;
    }

    private Map<String, Object> producerConfigs(String worker) {
        Map<String, Object> configs = settings.clients();
        configs.put(CommonClientConfigs.CLIENT_ID_CONFIG, id(worker));
        // The same after a restart of the instance, so that a transaction that it left open is ended immediately.
        configs.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id(worker) + "-" + settings.instance());
        Takeover.producer(Duration.ZERO).forEach(configs::putIfAbsent);
        configs.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        configs.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, settings.maxRecordBytes());
        configs.put(ProducerConfig.BUFFER_MEMORY_CONFIG, settings.producerMemoryBytes());
        return configs;
    }

    private Map<MetricName, Metric> consumerMetrics() {
        Map<MetricName, Metric> metrics = new HashMap<>();
        consumers.forEach(consumer -> metrics.putAll(consumer.metrics()));
        return metrics;
    }

    @Override
    public void start() {
        threads.start();
    }

    @Override
    public Optional<String> failure() {
        return threads.failure();
    }

    @Override
    public Check readiness() {
        if (workers.stream().anyMatch(ScorerWorker::isFailing)) {
            return new Check(RoleName.SCORER.code(), false, "a lane fails again and again and is not scored");
        }
        if (!follower.isFollowing()) {
            return new Check(RoleName.SCORER.code(), false, "is reading the rollout states");
        }
        List<String> absences = memberships.stream()
                .flatMap(membership -> Optional.ofNullable(membership.absence()).stream())
                .toList();
        Optional<String> stuck = progress.fault();
        return new Check(
                RoleName.SCORER.code(),
                absences.isEmpty() && threads.failure().isEmpty() && stuck.isEmpty(),
                absences.isEmpty()
                        ? stuck.orElseGet(
                                () -> "scores the lanes " + settings.scorer().lanes())
                        : String.join("; ", absences));
    }

    @Override
    public void close() {
        // First, so that no step counts on this process any more.
        reporter.close();
        readinessFollower.close();
        workers.forEach(ScorerWorker::close);
        follower.close();
        threads.join();
        // Only now: a model must not be closed while a worker is using it.
        catalogue.close();
        loader.close();
    }
}

package io.understudy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.DeadLetterReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** The meters of one role. */
public final class Meters {

    private static final double[] BATCH_SIZES = {1, 10, 100, 300, 1000, 3000};
    private static final Duration[] DURATIONS = {
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60)
    };

    private final MeterRegistry registry;
    private final String role;
    private final Map<Metric, AtomicLong> numbers = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** Meters of {@code role} in {@code registry}. */
    public Meters(MeterRegistry registry, String role) {
        this.registry = registry;
        this.role = role;
    }

    /** The counter itself, for one who counts every request. */
    public Counter routed(String lane, String deployment) {
        return counter(Metric.ROUTED, "lane", lane, "deployment", deployment);
    }

    public void rejected() {
        counter(Metric.REJECTED).increment();
    }

    public void keyless() {
        counter(Metric.KEYLESS).increment();
    }

    public void deadLetter(DeadLetterReason reason) {
        counter(Metric.DEAD_LETTERS, "reason", reason.code()).increment();
    }

    /** The counter itself, for one who counts every answer. */
    public Counter predictions(String lane, String deployment, PredictionStatus status) {
        return counter(Metric.PREDICTIONS, "lane", lane, "deployment", deployment, "status", status.name());
    }

    /** A batch that one model has scored. */
    public void batch(String lane, int size) {
        DistributionSummary.builder(Metric.BATCH_SIZE.id())
                .description(Metric.BATCH_SIZE.description())
                .tags("role", role, "lane", lane)
                .serviceLevelObjectives(BATCH_SIZES)
                .register(registry)
                .record(size);
    }

    /** A poll that has been scored. */
    public void scored(String lane, Duration duration) {
        timer(Metric.BATCH_DURATION, "lane", lane).record(duration);
    }

    /** A window that was judged so long after its end. */
    public void windowDelay(String deployment, Duration delay) {
        timer(Metric.WINDOW_DELAY, "deployment", deployment).record(delay);
    }

    /** The gauge of remembered requests, to which each partition adds and from which it takes its own. */
    public AtomicLong joinsPending() {
        return gauge(Metric.JOINS_PENDING);
    }

    /** Events that a webhook has taken. */
    public void delivered(String format) {
        counter(Metric.NOTIFICATIONS_DELIVERED, "format", format).increment();
    }

    /** An offer that a webhook did not take. */
    public void deliveryRetried(String format) {
        counter(Metric.NOTIFICATIONS_RETRIED, "format", format).increment();
    }

    /** An event that a webhook will not be offered any more. */
    public void deliveryGivenUp(String format) {
        counter(Metric.NOTIFICATIONS_GIVEN_UP, "format", format).increment();
    }

    /** A request to the console that was refused. */
    public void refused(int status) {
        counter(Metric.HTTP_REFUSED, "status", Integer.toString(status)).increment();
    }

    /** A gauge that is asked for its value when somebody looks. */
    public void gauge(Metric metric, DoubleSupplier value) {
        Gauge.builder(metric.id(), value::getAsDouble)
                .description(metric.description())
                .tag("role", role)
                .strongReference(true)
                .register(registry);
    }

    /** A gauge of many rows, each with its tags' values. */
    public Rows rows(Metric metric) {
        return new Rows(
                MultiGauge.builder(metric.id())
                        .description(metric.description())
                        .baseUnit(metric.kind() == Metric.Kind.TIME ? "seconds" : null)
                        .tag("role", role)
                        .register(registry),
                metric.tags());
    }

    /** The rows of a gauge; setting them forgets those before. */
    public static final class Rows {

        private final MultiGauge gauge;
        private final List<String> names;

        private Rows(MultiGauge gauge, List<String> names) {
            this.gauge = gauge;
            this.names = names;
        }

        /** The rows that hold from now on: the tags' values in order, and the number. */
        public void set(Map<List<String>, Double> rows) {
            gauge.register(
                    rows.entrySet().stream()
                            .map(row -> MultiGauge.Row.of(tags(row.getKey()), row.getValue()))
                            .toList(),
                    true);
        }

        private Tags tags(List<String> values) {
            Tags tags = Tags.empty();
            for (int i = 0; i < names.size(); i++) {
                tags = tags.and(names.get(i), values.get(i));
            }
            return tags;
        }
    }

    public void leftToExternal(String deployment) {
        counter(Metric.LEFT_TO_EXTERNAL, "deployment", deployment).increment();
    }

    public void inferenceRetry() {
        counter(Metric.INFERENCE_RETRIES).increment();
    }

    public void abortedBatch() {
        counter(Metric.ABORTED_BATCHES).increment();
    }

    public void commandAccepted(String verb) {
        counter(Metric.COMMANDS_ACCEPTED, "verb", verb).increment();
    }

    public void commandRejected(String verb) {
        counter(Metric.COMMANDS_REJECTED, "verb", verb).increment();
    }

    public void commandRepeated(String verb) {
        counter(Metric.COMMANDS_REPEATED, "verb", verb).increment();
    }

    public void fallback(String deployment, PredictionStatus candidate) {
        counter(Metric.FALLBACKS, "deployment", deployment, "candidate", candidate.name())
                .increment();
    }

    public void lateAnswer(String deployment) {
        counter(Metric.LATE_ANSWERS, "deployment", deployment).increment();
    }

    public void repeatedRequest(String deployment) {
        counter(Metric.REPEATED_REQUESTS, "deployment", deployment).increment();
    }

    public void unreadableAnswer() {
        counter(Metric.UNREADABLE_ANSWERS).increment();
    }

    public void breakerOpened(String deployment) {
        counter(Metric.BREAKERS_OPENED, "deployment", deployment).increment();
    }

    public void mirrorSkipped(String deployment) {
        counter(Metric.MIRRORS_SKIPPED, "deployment", deployment).increment();
    }

    public void unreadableState() {
        counter(Metric.UNREADABLE_STATES).increment();
    }

    public void joinMatched(String deployment) {
        counter(Metric.JOINS_MATCHED, "deployment", deployment).increment();
    }

    public void joinDuplicated(String deployment) {
        counter(Metric.JOINS_DUPLICATED, "deployment", deployment).increment();
    }

    public void joinUnmatched() {
        counter(Metric.JOINS_UNMATCHED).increment();
    }

    public void outcomeLate(String deployment) {
        counter(Metric.OUTCOMES_LATE, "deployment", deployment).increment();
    }

    public void answerStale(String deployment) {
        counter(Metric.ANSWERS_STALE, "deployment", deployment).increment();
    }

    public void windowClosed(String deployment, boolean byWallClock) {
        counter(Metric.WINDOWS_CLOSED, "deployment", deployment, "wall_clock", Boolean.toString(byWallClock))
                .increment();
    }

    public void unreadableEvidence() {
        counter(Metric.EVIDENCE_UNREADABLE).increment();
    }

    public void evaluation(String deployment, String verdict, String code) {
        counter(Metric.EVALUATIONS, "deployment", deployment, "verdict", verdict, "code", code)
                .increment();
    }

    private AtomicLong gauge(Metric metric) {
        return numbers.computeIfAbsent(metric, absent -> {
            AtomicLong number = new AtomicLong();
            gauge(metric, number::doubleValue);
            return number;
        });
    }

    private Timer timer(Metric metric, String... tags) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .tag("role", role)
                .tags(tags)
                .serviceLevelObjectives(DURATIONS)
                .register(registry);
    }

    /** Looked up by its tags' text first: building a meter's identity costs more than counting. */
    private Counter counter(Metric metric, String... tags) {
        String key = metric.name() + '\0' + String.join("\0", tags);
        Counter known = counters.get(key);
        return known != null
                ? known
                : counters.computeIfAbsent(
                        key,
                        absent -> Counter.builder(metric.id())
                                .description(metric.description())
                                .tag("role", role)
                                .tags(tags)
                                .register(registry));
    }
}

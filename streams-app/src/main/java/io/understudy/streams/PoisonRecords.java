package io.understudy.streams;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.wire.FailureKind;
import io.understudy.wire.RepeatedFailures;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the records that make the stream threads of a role fail, so that each stops its partition only twice. Most
 * faults of a record are caught where it is processed. What remains are records that make a send or a commit fail, and
 * errors such as running out of memory. Kafka Streams would read such a record again and again.
 *
 * <p>When a commit fails, the transaction may have hundreds of records, and a failed send surfaces at a later record or
 * at the commit. So the first failure only turns on the careful mode: each record is processed, saved and flushed
 * before the next one, and the record at which a thread fails is the one to blame. A record that is blamed is set aside
 * when it is read again. The careful mode ends ten seconds after the last failure: others may follow the first.
 *
 * <p>One instance for each role of a process, in the settings of its application. Safe for many threads.
 */
public final class PoisonRecords {

    /** The setting of an application that holds the instance. */
    public static final String CONFIG = "understudy.poison.records";

    private static final Logger LOG = LoggerFactory.getLogger(PoisonRecords.class);

    private static final Duration CAREFUL = Duration.ofSeconds(10);

    /** How long a blamed record is remembered. It is read again as soon as its partition has a new thread. */
    private static final Duration MEMORY = Duration.ofHours(1);

    private static final int MAX_BLAMED = 10_000;

    /** The distance of two records set aside in a partition that shows that not every record fails. */
    private static final int PROGRESS = 3;

    /** So many records close together are set aside before the role ends, because it may be to blame itself. */
    private static final int MAX_IN_A_ROW = 50;

    /** The failures after which a record is set aside. */
    private static final int SET_ASIDE = 2;

    /** The failures after which it is set aside without its key and value. */
    private static final int WITHOUT_BODY = 4;

    /** The failures after which it is dropped without a dead letter, because that cannot be written either. */
    private static final int WITHOUT_LETTER = 6;

    /** What to do with a record. */
    enum Treatment {
        PROCESS,
        SET_ASIDE,
        SET_ASIDE_WITHOUT_BODY,
        DROP
    }

    /** The place of a record. */
    record Position(String topic, int partition, long offset) {

        static Position of(RecordMetadata metadata) {
            return new Position(metadata.topic(), metadata.partition(), metadata.offset());
        }
    }

    private record Blame(int failures, String cause) {}

    /** The last record of a partition that was set aside, and how many there were close together. */
    private record SetAside(long offset, int inARow) {}

    private final Optional<Meters> meters;
    private final LongSupplier nanoTime;
    private final RepeatedFailures repeated;
    private final Map<Position, Blame> blamed = new LinkedHashMap<>();
    private final Map<String, SetAside> lastSetAside = new HashMap<>();
    private boolean careful;
    private long lastFailure;

    /** Whether records need a closer look. Without a failure, this is all that is read for each record. */
    private volatile boolean alert;

    /** The failure that a record was blamed for on the current thread, and its place. */
    @SuppressWarnings("ThreadLocalUsage") // Each role has its own, and few threads.
    private final ThreadLocal<@Nullable Attributed> attributed = new ThreadLocal<>();

    private record Attributed(Throwable failure, String task) {}

    /** Creates an instance that counts in {@code meters}. */
    public PoisonRecords(Meters meters) {
        this(Optional.of(meters), System::nanoTime);
    }

    PoisonRecords(Optional<Meters> meters, LongSupplier nanoTime) {
        this.meters = meters;
        this.nanoTime = nanoTime;
        this.repeated = new RepeatedFailures(nanoTime);
    }

    /** The instance of the application; a new one if it has none, as in a test driver. */
    static PoisonRecords of(ProcessingContext context) {
        return context.appConfigs().get(CONFIG) instanceof PoisonRecords records
                ? records
                : new PoisonRecords(Optional.empty(), System::nanoTime);
    }

    /** Whether records need a closer look since a failure. */
    boolean isAlert() {
        return alert;
    }

    /** Whether each record is to be saved and flushed before the next one. */
    synchronized boolean isCareful() {
        return careful;
    }

    /** What to do with the record at {@code position}. */
    synchronized Treatment treatment(Position position) {
        calmDown();
        Blame blame = blamed.get(position);
        int failures = blame == null ? 0 : blame.failures();
        if (failures < SET_ASIDE) {
            return Treatment.PROCESS;
        }
        if (failures < WITHOUT_BODY) {
            return Treatment.SET_ASIDE;
        }
        return failures < WITHOUT_LETTER ? Treatment.SET_ASIDE_WITHOUT_BODY : Treatment.DROP;
    }

    /** Why the record at {@code position} is set aside, for people. */
    synchronized String reason(Position position) {
        return "the record stopped a thread again and again; the last failure: " + cause(position);
    }

    private String cause(Position position) {
        Blame blame = blamed.get(position);
        return blame == null ? "unknown" : blame.cause();
    }

    /** Notes that a record was set aside. */
    synchronized void setAside(Position position, String task, Treatment treatment) {
        SetAside before = lastSetAside.get(position.topic() + "-" + position.partition());
        boolean again = before != null && position.offset() <= before.offset();
        boolean near = before != null && position.offset() - before.offset() <= PROGRESS;
        int inARow = before == null ? 1 : near ? before.inARow() + (again ? 0 : 1) : 1;
        if (!again) {
            lastSetAside.put(position.topic() + "-" + position.partition(), new SetAside(position.offset(), inARow));
        }
        // Where every record fails, the records are not to blame.
        if (!again && inARow <= MAX_IN_A_ROW) {
            repeated.progressed(task);
        }
        LOG.error(
                "Set a record aside that stopped a thread again and again: topic={} partition={} offset={}"
                        + " treatment={} cause={}",
                position.topic(),
                position.partition(),
                position.offset(),
                treatment,
                cause(position));
        meters.ifPresent(counters -> counters.count(Metric.SET_ASIDE));
    }

    /**
     * Notes that processing a record failed. The thread will fail with this or with a failure that it causes.
     *
     * @param alone whether the records before it were flushed, so that no other record can be to blame
     */
    void failed(Position position, String task, boolean alone, Throwable failure) {
        attributed.set(new Attributed(failure, task));
        if (FailureKind.of(failure) == FailureKind.RECORD) {
            // An earlier record's failure to be sent surfaces here, too.
            int weight = alone ? sendWeight(failure) : isOwn(failure) ? 1 : 0;
            blame(position, weight, failure);
        }
    }

    /**
     * A record that cannot be sent alone has failed a second time, because its first failure turned on the careful
     * mode. An error may have come from elsewhere, so it needs two failures.
     */
    private static int sendWeight(Throwable failure) {
        return isOwn(failure) ? 1 : 2;
    }

    /** Whether no client of Kafka took part in the failure, so that it is that of the record in process. */
    private static boolean isOwn(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof KafkaException) {
                return false;
            }
        }
        return true;
    }

    private synchronized void blame(Position position, int weight, Throwable failure) {
        if (weight == 0) {
            return;
        }
        Blame before = blamed.remove(position);
        blamed.put(position, new Blame((before == null ? 0 : before.failures()) + weight, innermost(failure)));
        if (blamed.size() > MAX_BLAMED) {
            blamed.remove(blamed.keySet().iterator().next());
        }
    }

    /** Called on the thread that failed. Counts the failure, and turns on the careful mode if a record may be to blame. */
    public void threadFailed(Throwable failure) {
        FailureKind kind = FailureKind.of(failure);
        meters.ifPresent(counters -> counters.count(Metric.THREAD_FAILURES, kind.code()));
        if (kind == FailureKind.OUTAGE) {
            return;
        }
        repeated.failed(place(failure), failure);
        if (kind == FailureKind.RECORD) {
            synchronized (this) {
                careful = true;
                alert = true;
                lastFailure = nanoTime.getAsLong();
            }
        }
    }

    private String place(Throwable failure) {
        Attributed last = attributed.get();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (last != null && cause == last.failure()) {
                return last.task();
            }
            if (cause instanceof StreamsException exception
                    && exception.taskId().isPresent()) {
                return exception.taskId().get().toString();
            }
        }
        return "";
    }

    private void calmDown() {
        long quiet = nanoTime.getAsLong() - lastFailure;
        if (careful && quiet > CAREFUL.toNanos()) {
            careful = false;
        }
        if (quiet > MEMORY.toNanos()) {
            blamed.clear();
            alert = false;
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }

    /** Whether threads fail so often that the role is not ready. */
    public boolean areThreadsFailing() {
        return repeated.areTooMany();
    }

    /** Why the role should end; empty while it should not. */
    public Optional<String> exhausted() {
        return repeated.exhausted();
    }
}

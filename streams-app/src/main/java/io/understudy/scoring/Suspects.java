package io.understudy.scoring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of a lane that made a transaction of its worker fail. One that has done so twice is set aside. Safe for
 * many threads: a producer reports a failure on its own.
 */
final class Suspects {

    private static final int MAX_BLAMED = 10_000;

    private final Map<String, Blame> blamed = new LinkedHashMap<>();
    private Optional<String> last = Optional.empty();

    /**
     * What a record is blamed for.
     *
     * @param failures how often it made a transaction fail
     * @param cause the last failure
     */
    record Blame(int failures, String cause) {

        /** Whether the record must be set aside. */
        boolean isEnough() {
            return failures >= 2;
        }

        /** Whether its dead letter failed, too. */
        boolean isWithoutBody() {
            return failures >= 3;
        }

        /** Whether even a dead letter without its key and value failed. */
        boolean isWithoutLetter() {
            return failures >= 4;
        }
    }

    private static final Blame NONE = new Blame(0, "");

    /** Notes that a record made a transaction fail. */
    synchronized void failed(ConsumerRecord<byte[], byte[]> record, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        last = Optional.of(id(record));
        blamed.put(id(record), new Blame(blame(record).failures() + 1, cause.toString()));
        if (blamed.size() > MAX_BLAMED) {
            blamed.remove(blamed.keySet().iterator().next());
        }
    }

    /** What a record is blamed for; of no failures if for nothing. */
    synchronized Blame blame(ConsumerRecord<byte[], byte[]> record) {
        return blamed.isEmpty() ? NONE : blamed.getOrDefault(id(record), NONE);
    }

    /** The record that was blamed since this was last called, as text. */
    synchronized Optional<String> takeLast() {
        Optional<String> taken = last;
        last = Optional.empty();
        return taken;
    }

    private static String id(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}

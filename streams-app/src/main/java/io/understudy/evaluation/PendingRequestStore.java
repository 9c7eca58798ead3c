package io.understudy.evaluation;

import io.understudy.collecting.PendingRequests;
import io.understudy.schema.PendingRequest;
import io.understudy.streams.AvroBytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores pending requests in a state store. Requests that are to be counted at a time have a second entry, whose key
 * begins with that time, so that those of a span of time are found together. A sweep goes through the store in slices
 * and deletes the requests whose outcome window is over. For one thread.
 */
final class PendingRequestStore implements PendingRequests {

    private static final Logger LOG = LoggerFactory.getLogger(PendingRequestStore.class);

    /** The number of requests in one slice of a sweep. A slice takes a few milliseconds. */
    private static final int SLICE = 5000;

    /** The beginning of the keys of the second entries. No name of a deployment begins with it. */
    private static final String DUE = "~";

    private final KeyValueStore<String, byte[]> store;
    private final EvaluationMeters meters;

    /** The key that the next slice starts at; null if no sweep is in progress. */
    private @Nullable String cursor;

    PendingRequestStore(KeyValueStore<String, byte[]> store, EvaluationMeters meters) {
        this.store = store;
        this.meters = meters;
    }

    private static String key(String deployment, String requestId) {
        // The name of a deployment does not contain a slash.
        return deployment + "/" + requestId;
    }

    @Override
    public Optional<PendingRequest> get(String deployment, String requestId) {
        String key = key(deployment, requestId);
        return Optional.ofNullable(store.get(key)).flatMap(bytes -> decode(key, bytes));
    }

    /** Decodes an entry. One that cannot be read counts as absent, so that it does no harm to the records that need it. */
    private Optional<PendingRequest> decode(String key, byte[] bytes) {
        try {
            return Optional.of(AvroBytes.decode(PendingRequest.getDecoder(), bytes));
        } catch (RuntimeException e) {
            unreadable(key, e);
            return Optional.empty();
        }
    }

    private void unreadable(String key, RuntimeException failure) {
        meters.unreadablePendingRequest();
        LOG.error("Cannot read a pending request, dropping it: key={}", key, failure);
    }

    @Override
    public void put(String deployment, String requestId, PendingRequest request) {
        store.put(key(deployment, requestId), AvroBytes.encode(PendingRequest.getEncoder(), request));
    }

    @Override
    public void putDue(String deployment, Due due) {
        store.put(
                dueKey(deployment, due.time()) + "/" + due.requestId(),
                ByteBuffer.allocate(Integer.BYTES).putInt(due.bucket()).array());
    }

    /** Sorts like the time. */
    private static String dueKey(String deployment, long time) {
        return String.format(Locale.ROOT, "%s%s/%019d", DUE, deployment, Math.max(0, time));
    }

    @Override
    public List<Due> takeDue(String deployment, long before) {
        List<Due> due = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        int timeStart = DUE.length() + deployment.length() + 1;
        try (KeyValueIterator<String, byte[]> iterator =
                store.range(dueKey(deployment, 0), dueKey(deployment, before))) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                keys.add(next.key);
                try {
                    int timeEnd = next.key.indexOf('/', timeStart);
                    due.add(new Due(
                            Long.parseLong(next.key, timeStart, timeEnd, 10),
                            next.key.substring(timeEnd + 1),
                            ByteBuffer.wrap(next.value).getInt()));
                } catch (IndexOutOfBoundsException | NumberFormatException | BufferUnderflowException e) {
                    unreadable(next.key, e);
                }
            }
        }
        keys.forEach(store::delete);
        return due;
    }

    /** The approximate number of requests in the store. */
    long count() {
        return store.approximateNumEntries();
    }

    /** A stored request and its deployment. */
    record Entry(String deployment, PendingRequest request) {}

    /**
     * Goes through the next slice, and deletes the requests that match {@code isOver}, and everything that is due in
     * deployments that do not match {@code matures}.
     *
     * @return the deleted requests
     */
    List<Entry> sweep(Predicate<Entry> isOver, Predicate<String> matures) {
        List<Entry> over = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        int seen = 0;
        String last = null;
        try (KeyValueIterator<String, byte[]> iterator = store.range(cursor, null)) {
            while (iterator.hasNext() && seen < SLICE) {
                KeyValue<String, byte[]> next = iterator.next();
                last = next.key;
                seen++;
                int deploymentEnd = next.key.indexOf('/');
                String deployment = next.key.substring(0, Math.max(0, deploymentEnd));
                if (next.key.startsWith(DUE)) {
                    if (!matures.test(deployment.substring(Math.min(DUE.length(), deployment.length())))) {
                        keys.add(next.key);
                    }
                } else {
                    Optional<PendingRequest> request = decode(next.key, next.value);
                    if (request.isEmpty()) {
                        keys.add(next.key);
                    } else if (isOver.test(new Entry(deployment, request.get()))) {
                        over.add(new Entry(deployment, request.get()));
                        keys.add(next.key);
                    }
                }
            }
        }
        cursor = seen < SLICE ? null : last;
        keys.forEach(store::delete);
        return over;
    }

    /** Whether a sweep is in progress. */
    boolean isSweeping() {
        return cursor != null;
    }
}

package io.understudy.evaluation;

import io.understudy.collecting.PendingRequests;
import io.understudy.schema.PendingRequest;
import io.understudy.streams.AvroBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Stores pending requests in a state store. A sweep goes through the store in slices and deletes the requests whose
 * outcome window is over. For one thread.
 */
final class PendingRequestStore implements PendingRequests {

    /** The number of requests in one slice of a sweep. A slice takes a few milliseconds. */
    private static final int SLICE = 5000;

    private final KeyValueStore<String, byte[]> store;

    /** The key that the next slice starts at; null if no sweep is in progress. */
    private @Nullable String cursor;

    PendingRequestStore(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    private static String key(String deployment, String requestId) {
        // The name of a deployment does not contain a slash.
        return deployment + "/" + requestId;
    }

    @Override
    public Optional<PendingRequest> get(String deployment, String requestId) {
        return Optional.ofNullable(store.get(key(deployment, requestId)))
                .map(bytes -> AvroBytes.decode(PendingRequest.getDecoder(), bytes));
    }

    @Override
    public void put(String deployment, String requestId, PendingRequest request) {
        store.put(key(deployment, requestId), AvroBytes.encode(PendingRequest.getEncoder(), request));
    }

    /** The approximate number of requests in the store. */
    long count() {
        return store.approximateNumEntries();
    }

    /** A stored request and its deployment. */
    record Entry(String deployment, PendingRequest request) {}

    /**
     * Goes through the next slice, and deletes the entries that match {@code isOver}.
     *
     * @return the deleted entries
     */
    List<Entry> sweep(Predicate<Entry> isOver) {
        List<Entry> over = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        int seen = 0;
        String last = null;
        try (KeyValueIterator<String, byte[]> iterator = store.range(cursor, null)) {
            while (iterator.hasNext() && seen < SLICE) {
                KeyValue<String, byte[]> next = iterator.next();
                Entry entry = new Entry(
                        next.key.substring(0, next.key.indexOf('/')),
                        AvroBytes.decode(PendingRequest.getDecoder(), next.value));
                if (isOver.test(entry)) {
                    over.add(entry);
                    keys.add(next.key);
                }
                last = next.key;
                seen++;
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

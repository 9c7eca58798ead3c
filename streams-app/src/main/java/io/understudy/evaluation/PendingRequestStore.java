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

/** Pending requests in a state store, swept slice by slice of those that have outlived their outcome window. For one thread. */
final class PendingRequestStore implements PendingRequests {

    /** Requests looked at in one slice of a sweep: a few milliseconds. */
    private static final int SLICE = 5000;

    private final KeyValueStore<String, byte[]> store;

    /** Where the next slice begins; null when no sweep is under way. */
    private String cursor;

    PendingRequestStore(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    private static String key(String deployment, String requestId) {
        // A deployment's name has no slash in it.
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

    /** About how many are kept. */
    long count() {
        return store.approximateNumEntries();
    }

    /** A request and its deployment. */
    record Entry(String deployment, PendingRequest request) {}

    /**
     * Looks at the next slice, and deletes the entries that match {@code isOver}.
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

    /** Whether a sweep is under way. */
    boolean isSweeping() {
        return cursor != null;
    }
}

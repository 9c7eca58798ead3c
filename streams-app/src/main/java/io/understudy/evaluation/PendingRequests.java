package io.understudy.evaluation;

import io.understudy.schema.PendingRequest;
import io.understudy.streams.AvroBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The store of requests whose evidence is not complete, and of markers; swept slice by slice of what has outlived its window. */
final class PendingRequests {

    /** Requests looked at in one slice of a sweep: a few milliseconds. */
    private static final int SLICE = 5000;

    private final KeyValueStore<String, byte[]> store;
    private String cursor;

    PendingRequests(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    static String key(String deployment, String requestId) {
        // A deployment's name has no slash in it.
        return deployment + "/" + requestId;
    }

    static String deployment(String key) {
        return key.substring(0, key.indexOf('/'));
    }

    /** What is known of a request; null when nothing is. */
    PendingRequest get(String key) {
        byte[] bytes = store.get(key);
        return bytes == null ? null : AvroBytes.decode(PendingRequest.getDecoder(), bytes);
    }

    void put(String key, PendingRequest request) {
        store.put(key, AvroBytes.encode(PendingRequest.getEncoder(), request));
    }

    void delete(String key) {
        store.delete(key);
    }

    /** About how many are kept. */
    long count() {
        return store.approximateNumEntries();
    }

    /** A request and its key. */
    record Entry(String key, PendingRequest request) {}

    /**
     * Looks at the next slice, and deletes what {@code isOver} takes.
     *
     * @return what was deleted
     */
    List<Entry> sweep(Predicate<Entry> isOver) {
        List<Entry> over = new ArrayList<>();
        int looked = 0;
        String last = null;
        try (KeyValueIterator<String, byte[]> iterator = store.range(cursor, null)) {
            while (iterator.hasNext() && looked < SLICE) {
                KeyValue<String, byte[]> next = iterator.next();
                Entry entry = new Entry(next.key, AvroBytes.decode(PendingRequest.getDecoder(), next.value));
                if (isOver.test(entry)) {
                    over.add(entry);
                }
                last = next.key;
                looked++;
            }
        }
        cursor = looked < SLICE ? null : last;
        over.forEach(entry -> store.delete(entry.key()));
        return over;
    }

    /** Whether a sweep is in the middle. */
    boolean isSweeping() {
        return cursor != null;
    }
}

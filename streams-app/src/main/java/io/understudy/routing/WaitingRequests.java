package io.understudy.routing;

import io.understudy.schema.GuardedRequest;
import io.understudy.schema.GuardedRequests;
import io.understudy.schema.KeptHeader;
import io.understudy.streams.AvroBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one partition that wait for the candidate. They are in memory, and as of the last commit also in a
 * store. A record of the store is a segment: the requests that were routed between two commits and are not settled yet.
 * There is no record per request, because most requests are settled within one or two commits, and writing and deleting
 * a record for each of them would cost as much as routing them.
 */
final class WaitingRequests {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingRequests.class);

    /** The maximum size of a segment in bytes. A request that is larger has its own segment. */
    private static final int MAX_SEGMENT_BYTES = 128 * 1024;

    /** The most bytes that a stored request takes besides its texts, key, value and headers: lengths and times. */
    private static final int ENVELOPE_BYTES = 100;

    /** The most bytes that a stored header takes besides its name and its value: their lengths. */
    private static final int HEADER_BYTES = 8;

    /** The memory of a request in memory and as part of a stored segment, besides its bytes: its objects. */
    private static final int OBJECT_BYTES = 500;

    private final KeyValueStore<Long, byte[]> store;
    private final Map<String, Waiting> byId = new HashMap<>();
    private final PriorityQueue<Waiting> byDeadline =
            new PriorityQueue<>(Comparator.comparingLong(waiting -> waiting.deadlineAt));
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private int unreadable;
    private final AtomicLong memory;

    /** A request and its segment. It releases the request once that is settled. */
    private static final class Waiting {
        private @Nullable GuardedRequest request;
        private final Segment segment;
        private final long deadlineAt;

        private Waiting(GuardedRequest request, Segment segment, long deadlineAt) {
            this.request = request;
            this.segment = segment;
            this.deadlineAt = deadlineAt;
        }

        private boolean isSettled() {
            return request == null;
        }

        private GuardedRequest request() {
            if (request == null) {
                throw new IllegalStateException("the request is settled");
            }
            return request;
        }

        private void release() {
            request = null;
        }
    }

    /** The requests in one record of the store. */
    private static final class Segment {
        private final long number;
        private final List<Waiting> requests = new ArrayList<>();
        private int bytes;
        private boolean changed;
        private boolean stored;

        private Segment(long number) {
            this.number = number;
        }
    }

    /**
     * Restores the requests from the store. After a restart, each gets its full time again, because no answers were
     * read in the meantime.
     *
     * @param memory the memory of the waiting requests of all partitions, estimated, bytes; this partition adds its own
     * @param now time of the guard's clock, milliseconds
     */
    WaitingRequests(KeyValueStore<Long, byte[]> store, AtomicLong memory, long now) {
        this.store = store;
        this.memory = memory;
        List<Long> garbage = new ArrayList<>();
        try (KeyValueIterator<Long, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                restoreNext(iterator, now, garbage);
            }
        }
        garbage.forEach(store::delete);
    }

    /** Restores the next segment. One that cannot be read must not keep the partition from being served. */
    private void restoreNext(KeyValueIterator<Long, byte[]> iterator, long now, List<Long> garbage) {
        KeyValue<Long, byte[]> next;
        try {
            next = iterator.next();
        } catch (SerializationException e) {
            unreadable++;
            LOG.error("Ignoring waiting requests under a key that cannot be read", e);
            return;
        }
        try {
            restore(next.key, AvroBytes.decode(GuardedRequests.getDecoder(), next.value), now);
        } catch (RuntimeException e) {
            unreadable++;
            garbage.add(next.key);
            LOG.error("Cannot restore waiting requests, they get no answer: segment={}", next.key, e);
        }
    }

    /** The number of segments that could not be restored. */
    int unreadable() {
        return unreadable;
    }

    private void restore(long number, GuardedRequests saved, long now) {
        Segment segment = new Segment(number);
        segment.stored = true;
        // No more requests are added to this segment.
        segment.bytes = MAX_SEGMENT_BYTES;
        segments.put(number, segment);
        for (GuardedRequest request : saved.getRequests()) {
            add(request, segment, now + request.getDeadlineAt() - request.getRoutedAt());
        }
    }

    /** Whether a request with this identifier is waiting. */
    boolean contains(String deployment, String requestId) {
        return byId.containsKey(id(deployment, requestId));
    }

    /**
     * Adds a request. No other request with the same identifier may be waiting.
     *
     * @param now time of the guard's clock, milliseconds. The request may wait from now on for as long as its deadline
     *     is after the time at which it was routed
     */
    void add(GuardedRequest request, long now) {
        Map.Entry<Long, Segment> last = segments.lastEntry();
        Segment segment = last == null ? null : last.getValue();
        int bytes = sizeOf(request);
        if (segment == null || segment.stored || segment.bytes + bytes > MAX_SEGMENT_BYTES) {
            segment = new Segment(segment == null ? 0 : segment.number + 1);
            segments.put(segment.number, segment);
        }
        segment.changed = true;
        segment.bytes += bytes;
        add(request, segment, now + request.getDeadlineAt() - request.getRoutedAt());
    }

    private static int sizeOf(GuardedRequest request) {
        int bytes = ENVELOPE_BYTES
                + Utils.utf8Length(request.getRequestId())
                + Utils.utf8Length(request.getDeployment())
                + Utils.utf8Length(request.getRollout())
                + Utils.utf8Length(request.getCandidateVersion())
                + Utils.utf8Length(request.getExistingVersion())
                + request.getKey().remaining()
                + request.getValue().remaining();
        for (KeptHeader header : request.getHeaders()) {
            bytes += HEADER_BYTES
                    + Utils.utf8Length(header.getName())
                    + (header.getValue() == null ? 0 : header.getValue().remaining());
        }
        return bytes;
    }

    private void add(GuardedRequest request, Segment segment, long deadlineAt) {
        Waiting waiting = new Waiting(request, segment, deadlineAt);
        segment.requests.add(waiting);
        byId.put(id(request.getDeployment(), request.getRequestId()), waiting);
        byDeadline.add(waiting);
        memory.addAndGet(memoryOf(sizeOf(request)));
    }

    /** The memory that a request of {@code bytes} takes while it waits: its bytes are also in a segment of the store. */
    static long memoryOf(long bytes) {
        return 2 * bytes + OBJECT_BYTES;
    }

    /** Removes and returns the request with this identifier; empty if it is not waiting. */
    Optional<GuardedRequest> settle(String deployment, String requestId) {
        Waiting waiting = byId.get(id(deployment, requestId));
        if (waiting == null) {
            return Optional.empty();
        }
        return Optional.of(settle(waiting));
    }

    /** Returns the request with this identifier, which continues to wait; empty if it is not waiting. */
    Optional<GuardedRequest> find(String deployment, String requestId) {
        return Optional.ofNullable(byId.get(id(deployment, requestId))).map(Waiting::request);
    }

    /** Whether the deadline of a request has passed at {@code now}, a time of the guard's clock. */
    boolean hasOverdue(long now) {
        while (!byDeadline.isEmpty()) {
            Waiting first = byDeadline.element();
            if (!first.isSettled()) {
                return first.deadlineAt <= now;
            }
            byDeadline.remove();
        }
        return false;
    }

    /** Removes and returns one request whose deadline has passed at {@code now}; empty if there is none. */
    Optional<GuardedRequest> settleOverdue(long now) {
        return hasOverdue(now) ? Optional.of(settle(byDeadline.remove())) : Optional.empty();
    }

    /** Removes and returns all requests that match {@code condition}. */
    List<GuardedRequest> settleAll(Predicate<GuardedRequest> condition) {
        List<Waiting> found = byId.values().stream()
                .filter(waiting -> condition.test(waiting.request()))
                .toList();
        return found.stream().map(this::settle).toList();
    }

    private GuardedRequest settle(Waiting waiting) {
        GuardedRequest request = waiting.request();
        // The queue refers to it until its deadline, which must not keep the bytes of the request in memory.
        waiting.release();
        waiting.segment.changed = true;
        memory.addAndGet(-memoryOf(sizeOf(request)));
        byId.remove(id(request.getDeployment(), request.getRequestId()));
        return request;
    }

    /** Releases the memory of the requests that still wait, because another process takes over the partition. */
    void close() {
        byId.values().forEach(waiting -> memory.addAndGet(-memoryOf(sizeOf(waiting.request()))));
        byId.clear();
        byDeadline.clear();
    }

    /** Writes all changes to the store. Called before each commit. */
    void save() {
        segments.values().removeIf(this::saveOrDelete);
    }

    /** Writes a segment to the store, or deletes it there if it is empty; returns whether it is empty. */
    private boolean saveOrDelete(Segment segment) {
        if (!segment.changed) {
            return false;
        }
        segment.changed = false;
        segment.requests.removeIf(Waiting::isSettled);
        if (segment.requests.isEmpty()) {
            if (segment.stored) {
                store.delete(segment.number);
            }
            return true;
        }
        store.put(segment.number, AvroBytes.encode(GuardedRequests.getEncoder(), contents(segment.requests)));
        segment.stored = true;
        return false;
    }

    private static GuardedRequests contents(Collection<Waiting> requests) {
        return new GuardedRequests(requests.stream().map(Waiting::request).toList());
    }

    private static String id(String deployment, String requestId) {
        return deployment + '\0' + requestId;
    }
}

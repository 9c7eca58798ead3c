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
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * One partition's requests that wait for the candidate: in memory, and in a store as of the last commit. The store is written in
 * segments, each of what was routed between two commits and is not settled yet, and not request by request: most requests are settled
 * within a commit or two, and a record each to remember and to forget them would cost as much as routing them.
 */
final class WaitingRequests {

    /** A segment is one record: it is full before it is large, and a large request has one of its own. */
    private static final int FULL_SEGMENT_BYTES = 128 * 1024;

    /** What a request takes besides its key, value and headers. */
    private static final int ENVELOPE_BYTES = 64;

    private static final int HEADER_BYTES = 8;

    private final KeyValueStore<Long, byte[]> store;
    private final Map<String, Waiting> byId = new HashMap<>();
    private final PriorityQueue<Waiting> byDeadline =
            new PriorityQueue<>(Comparator.comparingLong(waiting -> waiting.deadlineAt));
    private final TreeMap<Long, Segment> segments = new TreeMap<>();

    /** A request and where it is kept. */
    private static final class Waiting {
        private GuardedRequest request;
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
    }

    /** What one record of the store holds. */
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
     * What the store has. Requests from before a restart are waited for anew: while nobody read answers, none could come in time.
     *
     * @param now wall clock, milliseconds
     */
    WaitingRequests(KeyValueStore<Long, byte[]> store, long now) {
        this.store = store;
        try (KeyValueIterator<Long, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<Long, byte[]> next = iterator.next();
                restore(next.key, AvroBytes.decode(GuardedRequests.getDecoder(), next.value), now);
            }
        }
    }

    private void restore(long number, GuardedRequests kept, long now) {
        Segment segment = new Segment(number);
        segment.stored = true;
        // No more is added to it.
        segment.bytes = FULL_SEGMENT_BYTES;
        segments.put(number, segment);
        for (GuardedRequest request : kept.getRequests()) {
            long patience = request.getDeadlineAt() - request.getRoutedAt();
            add(request, segment, Math.max(request.getDeadlineAt(), now + patience));
        }
    }

    /** Whether a request of this identifier waits already. */
    boolean contains(String deployment, String requestId) {
        return byId.containsKey(id(deployment, requestId));
    }

    /** Adds a request of which there is none of the same identifier. */
    void add(GuardedRequest request) {
        Segment segment = segments.isEmpty() ? null : segments.lastEntry().getValue();
        int bytes = bytes(request);
        if (segment == null || segment.stored || segment.bytes + bytes > FULL_SEGMENT_BYTES) {
            segment = new Segment(segment == null ? 0 : segment.number + 1);
            segments.put(segment.number, segment);
        }
        segment.changed = true;
        segment.bytes += bytes;
        add(request, segment, request.getDeadlineAt());
    }

    private static int bytes(GuardedRequest request) {
        int bytes = ENVELOPE_BYTES
                + request.getRequestId().length()
                + request.getDeployment().length()
                + request.getRollout().length()
                + request.getKey().remaining()
                + request.getValue().remaining();
        for (KeptHeader header : request.getHeaders()) {
            bytes += HEADER_BYTES
                    + header.getName().length()
                    + (header.getValue() == null ? 0 : header.getValue().remaining());
        }
        return bytes;
    }

    private void add(GuardedRequest request, Segment segment, long deadlineAt) {
        Waiting waiting = new Waiting(request, segment, deadlineAt);
        segment.requests.add(waiting);
        byId.put(id(request.getDeployment(), request.getRequestId()), waiting);
        byDeadline.add(waiting);
    }

    /** The request that waits under this identifier; it does not wait any more. */
    Optional<GuardedRequest> settle(String deployment, String requestId) {
        Waiting waiting = byId.get(id(deployment, requestId));
        if (waiting == null) {
            return Optional.empty();
        }
        return Optional.of(settle(waiting));
    }

    /** The request that waits under this identifier, and goes on waiting. */
    Optional<GuardedRequest> find(String deployment, String requestId) {
        return Optional.ofNullable(byId.get(id(deployment, requestId))).map(waiting -> waiting.request);
    }

    /** A request whose deadline has passed; it does not wait any more. Empty when there is none. */
    Optional<GuardedRequest> settleOverdue(long now) {
        while (!byDeadline.isEmpty()) {
            Waiting first = byDeadline.peek();
            if (!first.isSettled() && first.deadlineAt > now) {
                return Optional.empty();
            }
            byDeadline.poll();
            if (!first.isSettled()) {
                return Optional.of(settle(first));
            }
        }
        return Optional.empty();
    }

    /** Every request of which {@code unwanted} holds; none of them waits any more. */
    List<GuardedRequest> settleAll(Predicate<GuardedRequest> unwanted) {
        List<Waiting> found = byId.values().stream()
                .filter(waiting -> unwanted.test(waiting.request))
                .toList();
        return found.stream().map(this::settle).toList();
    }

    private GuardedRequest settle(Waiting waiting) {
        GuardedRequest request = waiting.request;
        // The queue has it until its deadline, and must not have its bytes so long.
        waiting.request = null;
        waiting.segment.changed = true;
        byId.remove(id(request.getDeployment(), request.getRequestId()));
        return request;
    }

    /** Writes what has changed to the store; before each commit. */
    void keep() {
        segments.values().removeIf(this::keep);
    }

    /** Writes a segment; true when there is nothing left in it. */
    private boolean keep(Segment segment) {
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
        return new GuardedRequests(
                requests.stream().map(waiting -> waiting.request).toList());
    }

    private static String id(String deployment, String requestId) {
        return deployment + '\0' + requestId;
    }
}

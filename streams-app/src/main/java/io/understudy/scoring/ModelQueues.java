package io.understudy.scoring;

import io.understudy.wire.Route;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one lane that wait, with a queue for each model. A model works on one batch at a time, so its answers
 * keep their order, and no model waits for another. A model is waited for only as long as it is usually prompt. If
 * requests come faster than a model answers them, it holds up the lane, but not longer than the patience if other models
 * share the lane. For one thread.
 */
final class ModelQueues implements AutoCloseable {

    /** How long a batch of a prompt model takes at most. */
    private static final Duration PROMPT = Duration.ofMillis(20);

    /** A model that has had no request for this time no longer counts as sharing the lane. */
    private static final Duration FORGET_AFTER = Duration.ofMinutes(1);

    /** The maximum size of all requests that wait or are being scored. */
    private static final long MAX_BYTES = 64L * 1024 * 1024;

    /** How many batches of a model may wait before the lane is held up. */
    private static final int MAX_WAITING_BATCHES = 5;

    private final int maxBatch;
    private final Duration patience;
    private final Map<Object, Queue> queues = new HashMap<>();
    private final BlockingQueue<Batch> ended = new LinkedBlockingQueue<>();
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "scoring");
        thread.setDaemon(true);
        return thread;
    });
    private long bytes;
    private int size;
    private @Nullable Long heldSince;

    /**
     * Creates empty queues.
     *
     * @param maxBatch maximum size of a batch; when five batches of a model wait, the lane is held up
     * @param patience how long a model may hold up the others
     */
    ModelQueues(int maxBatch, Duration patience) {
        this.maxBatch = maxBatch;
        this.patience = patience;
    }

    /** Works on a batch. The result is run on the thread of the lane when the work is done. */
    @FunctionalInterface
    interface Work extends Function<List<LaneRequest>, CompletableFuture<Runnable>> {}

    private static final class Queue {
        private final Work work;
        private final Deque<LaneRequest> waiting = new ArrayDeque<>();
        private boolean busy;
        private boolean slow;
        private long lastUsedAt;

        private Queue(Work work) {
            this.work = work;
        }
    }

    private record Batch(Queue queue, List<LaneRequest> requests, long startedAt, long endedAt, Runnable result) {}

    /** Whether requests wait in the queue {@code key} or are being worked on. */
    boolean isInUse(Object key) {
        Queue queue = queues.get(key);
        return queue != null && (queue.busy || !queue.waiting.isEmpty());
    }

    /**
     * Adds a request to the queue {@code key}: a model, or something that must be known first. {@code work} is what
     * happens to the batches of a new queue.
     */
    void add(Object key, LaneRequest request, Work work) {
        Queue queue = queues.computeIfAbsent(key, absent -> new Queue(work));
        queue.waiting.add(request);
        queue.lastUsedAt = System.nanoTime();
        bytes += request.bytes();
        size++;
    }

    /** Starts a batch of every model that has none under way. */
    void start() {
        for (Queue queue : queues.values()) {
            List<LaneRequest> released =
                    queue.waiting.stream().filter(LaneRequest::isReleased).toList();
            queue.waiting.removeAll(released);
            forget(released);
            if (!queue.busy && !queue.waiting.isEmpty()) {
                start(queue);
            }
        }
    }

    private void forget(List<LaneRequest> requests) {
        requests.forEach(request -> bytes -= request.bytes());
        size -= requests.size();
    }

    private void start(Queue queue) {
        List<LaneRequest> batch = new ArrayList<>();
        while (batch.size() < maxBatch && !queue.waiting.isEmpty()) {
            batch.add(queue.waiting.remove());
        }
        queue.busy = true;
        long startedAt = System.nanoTime();
        CompletableFuture.supplyAsync(() -> queue.work.apply(batch), executor)
                .thenCompose(Function.identity())
                .exceptionally(failure -> () -> {
                    throw new IllegalStateException("a batch failed", failure);
                })
                .thenAccept(result -> ended.add(new Batch(queue, batch, startedAt, System.nanoTime(), result)));
    }

    /** Waits for the batches of all models that are usually prompt, and runs the results of all that have ended. */
    void awaitPrompt() throws InterruptedException {
        long until = System.nanoTime() + PROMPT.toNanos();
        settle();
        while (queues.values().stream().anyMatch(queue -> queue.busy && !queue.slow)) {
            Batch batch = ended.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (batch == null) {
                queues.values().stream().filter(queue -> queue.busy).forEach(queue -> queue.slow = true);
                return;
            }
            settle(batch);
        }
    }

    /** Waits until a batch has ended, at most {@code timeout}, and runs the results of all that have ended. */
    void awaitAny(Duration timeout) throws InterruptedException {
        Batch batch = ended.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (batch != null) {
            settle(batch);
        }
        settle();
    }

    private void settle() {
        for (Batch batch = ended.poll(); batch != null; batch = ended.poll()) {
            settle(batch);
        }
    }

    private void settle(Batch batch) {
        if (!queues.containsValue(batch.queue)) {
            return; // cleared since
        }
        batch.queue.busy = false;
        batch.queue.slow = batch.endedAt - batch.startedAt > PROMPT.toNanos();
        forget(batch.requests);
        batch.result.run();
    }

    /** The number of requests that wait or are being worked on. */
    int size() {
        return size;
    }

    /** Whether the lane must not be read because a model has too much to do. */
    boolean isFull() {
        return fullest().isPresent();
    }

    private Optional<Queue> fullest() {
        return queues.values().stream()
                .max((one, other) -> Integer.compare(one.waiting.size(), other.waiting.size()))
                .filter(queue -> queue.waiting.size() >= MAX_WAITING_BATCHES * maxBatch
                        || bytes >= MAX_BYTES && !queue.waiting.isEmpty());
    }

    /**
     * Gives up the waiting requests of a model that has held up the lane for longer than the patience, if other models
     * share the lane. A model that has a lane for itself may take all the time that it needs.
     */
    List<LaneRequest> giveUp() {
        long now = System.nanoTime();
        forgetUnused(now);
        Optional<Queue> full = fullest();
        if (full.isEmpty()) {
            heldSince = null;
            return List.of();
        }
        heldSince = Objects.requireNonNullElse(heldSince, now);
        boolean shared =
                queues.keySet().stream().filter(LoadedModel.class::isInstance).count() > 1;
        if (!shared || now - heldSince < patience.toNanos() || isUndecided(full.get())) {
            return List.of();
        }
        List<LaneRequest> overdue = List.copyOf(full.get().waiting);
        full.get().waiting.clear();
        forget(overdue);
        heldSince = null;
        return overdue;
    }

    /** Whether it is not known yet if the requests are for this program at all. */
    private boolean isUndecided(Queue queue) {
        return queues.entrySet().stream()
                .anyMatch(entry -> entry.getValue() == queue
                        && entry.getKey() instanceof Route route
                        && route.scorer().isEmpty());
    }

    private void forgetUnused(long now) {
        for (Iterator<Queue> all = queues.values().iterator(); all.hasNext(); ) {
            Queue queue = all.next();
            if (!queue.busy && queue.waiting.isEmpty() && now - queue.lastUsedAt > FORGET_AFTER.toNanos()) {
                all.remove();
            }
        }
    }

    /** Removes all requests. Batches that are under way end without an effect. */
    void clear() {
        queues.clear();
        bytes = 0;
        size = 0;
        heldSince = null;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}

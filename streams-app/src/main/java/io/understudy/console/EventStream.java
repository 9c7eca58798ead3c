package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.understudy.control.ControlJson;
import io.understudy.http.ProblemException;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Streams new records of the control topics to clients as server-sent events: {@code deployment}, {@code event}, {@code
 * evaluation}, and {@code heartbeat}, which says how old the data may be. A client that does not keep up is
 * disconnected; it may reconnect and load everything again.
 */
final class EventStream implements AutoCloseable {

    private static final int UNAVAILABLE = 503;
    private static final String RETRY_AFTER_SECONDS = "30";
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);

    /** Messages that a client may be behind: a few minutes of a busy installation. */
    private static final int BACKLOG = 1000;

    private final ControlView view;
    private final int limit;
    private final Semaphore places;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Creates a stream.
     *
     * @param limit maximum number of clients at once; each occupies a thread
     */
    EventStream(ControlView view, int limit) {
        this.view = view;
        this.limit = limit;
        this.places = new Semaphore(limit);
    }

    /** Serves one client until it disconnects or falls behind, or until the stream is closed. */
    void serve(Context context) throws IOException {
        if (!places.tryAcquire()) {
            throw new ProblemException(
                            UNAVAILABLE,
                            "all " + limit
                                    + " connections for clients that follow events are in use; try again later, or increase"
                                    + " console.stream-clients")
                    .withHeader("Retry-After", RETRY_AFTER_SECONDS);
        }
        Client client = new Client();
        try {
            clients.add(client);
            view.addListener(client);
            context.contentType("text/event-stream; charset=utf-8");
            context.header("Cache-Control", "no-store");
            context.header("X-Accel-Buffering", "no");
            client.writeTo(context.res().getOutputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            view.removeListener(client);
            clients.remove(client);
            places.release();
        }
    }

    /** The number of connected clients. */
    int clients() {
        return clients.size();
    }

    @Override
    public void close() {
        closed = true;
        clients.forEach(Client::disconnect);
    }

    /** One client's queue. */
    private final class Client implements ControlView.Listener {

        private final BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>(BACKLOG);
        private volatile boolean disconnected;

        private void writeTo(OutputStream out) throws IOException, InterruptedException {
            long nextHeartbeat = System.nanoTime();
            while (!disconnected && !closed) {
                long wait = nextHeartbeat - System.nanoTime();
                if (wait <= 0) {
                    // Sent at fixed intervals even when there are other messages: only heartbeats say how old the data
                    // is.
                    write(out, message("heartbeat", ConsoleJson.freshness(view)));
                    nextHeartbeat = System.nanoTime() + HEARTBEAT.toNanos();
                    continue;
                }
                byte[] next = queue.poll(wait, TimeUnit.NANOSECONDS);
                if (next != null) {
                    write(out, next);
                }
            }
        }

        private static void write(OutputStream out, byte[] message) throws IOException {
            if (message.length > 0) {
                out.write(message);
                out.flush();
            }
        }

        private void offer(String type, ObjectNode data) {
            if (!queue.offer(message(type, data))) {
                disconnected = true;
            }
        }

        private void disconnect() {
            disconnected = true;
            queue.offer(new byte[0]);
        }

        private static byte[] message(String type, ObjectNode data) {
            return ("event: " + type + "\ndata: " + data + "\n\n").getBytes(UTF_8);
        }

        @Override
        public void state(RolloutState state) {
            offer("deployment", ConsoleJson.deployment(state, view));
        }

        @Override
        public void event(RolloutEvent event) {
            offer("event", ControlJson.of(event));
        }

        @Override
        public void evaluation(RolloutEvaluation evaluation) {
            offer("evaluation", ConsoleJson.evaluation(evaluation));
        }
    }
}

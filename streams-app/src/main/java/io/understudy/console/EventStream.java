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
 * Tells clients what comes on the control topics, as server-sent events: {@code deployment}, {@code event}, {@code evaluation}, and
 * {@code heartbeat}, which says how old all of it may be. A client that does not keep up is let go, and may come back and read anew.
 */
final class EventStream implements AutoCloseable {

    private static final int UNAVAILABLE = 503;
    private static final String COME_BACK_SECONDS = "30";
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);

    /** Messages a client may be behind: some minutes of a busy installation. */
    private static final int BACKLOG = 1000;

    private final ControlView view;
    private final int limit;
    private final Semaphore places;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param limit most clients at once; each holds a thread */
    EventStream(ControlView view, int limit) {
        this.view = view;
        this.limit = limit;
        this.places = new Semaphore(limit);
    }

    /** Serves one client until it goes, falls behind, or the stream is closed. */
    void serve(Context context) throws IOException {
        if (!places.tryAcquire()) {
            throw new ProblemException(
                            UNAVAILABLE,
                            "all " + limit
                                    + " places for clients that follow events are taken; try again later, or raise"
                                    + " console.stream-clients")
                    .withHeader("Retry-After", COME_BACK_SECONDS);
        }
        Client client = new Client();
        try {
            clients.add(client);
            view.listen(client);
            context.contentType("text/event-stream; charset=utf-8");
            context.header("Cache-Control", "no-store");
            context.header("X-Accel-Buffering", "no");
            client.tell(context.res().getOutputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            view.forget(client);
            clients.remove(client);
            places.release();
        }
    }

    /** Clients that follow now. */
    int clients() {
        return clients.size();
    }

    @Override
    public void close() {
        closed = true;
        clients.forEach(Client::leave);
    }

    /** One client's queue. */
    private final class Client implements ControlView.Listener {

        private final BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>(BACKLOG);
        private volatile boolean gone;

        private void tell(OutputStream out) throws IOException, InterruptedException {
            long heartbeat = System.nanoTime();
            while (!gone && !closed) {
                long left = heartbeat - System.nanoTime();
                if (left <= 0) {
                    // By the clock, whatever else is told: how old all of it is stands here alone.
                    write(out, message("heartbeat", ConsoleJson.freshness(view)));
                    heartbeat = System.nanoTime() + HEARTBEAT.toNanos();
                    continue;
                }
                byte[] next = queue.poll(left, TimeUnit.NANOSECONDS);
                if (next != null) {
                    write(out, next);
                }
            }
        }

        private void write(OutputStream out, byte[] message) throws IOException {
            if (message.length > 0) {
                out.write(message);
                out.flush();
            }
        }

        private void offer(String type, ObjectNode data) {
            if (!queue.offer(message(type, data))) {
                gone = true;
            }
        }

        private void leave() {
            gone = true;
            queue.offer(new byte[0]);
        }

        private byte[] message(String type, ObjectNode data) {
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

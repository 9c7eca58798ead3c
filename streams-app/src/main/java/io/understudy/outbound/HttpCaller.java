package io.understudy.outbound;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Calls servers by HTTP/1.1. A call ends at its deadline wherever it is: its name not resolved, its connection not
 * made, its answer's headers or body not complete; its connection is closed then. An answer is limited in length as it
 * arrives. Redirections are not followed, compressed answers are not asked for, and each address is checked right
 * before a connection is made to it. The number of threads is fixed. Safe for many threads.
 */
public final class HttpCaller implements AutoCloseable {

    private static final int THREADS = 16;
    private static final int MAX_CONNECTIONS_PER_SERVER = 1024;
    private static final int MAX_QUEUED_PER_SERVER = 10_000;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final Duration IDLE_CONNECTION = Duration.ofSeconds(30);

    private final HttpClient client = new HttpClient();

    /**
     * Starts the threads.
     *
     * @param name name of the threads
     * @param connectTimeout maximum time to make a connection
     */
    public HttpCaller(String name, AllowedHosts hosts, Duration connectTimeout) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        threads.setName(name);
        threads.setDaemon(true);
        ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler(name + "-deadlines", true);
        client.setExecutor(threads);
        client.setScheduler(scheduler);
        client.setSocketAddressResolver(new CheckedResolver(
                hosts, new SocketAddressResolver.Async(threads, scheduler, connectTimeout.toMillis())));
        client.setConnectTimeout(connectTimeout.toMillis());
        client.setIdleTimeout(IDLE_CONNECTION.toMillis());
        client.setMaxConnectionsPerDestination(MAX_CONNECTIONS_PER_SERVER);
        client.setMaxRequestsQueuedPerDestination(MAX_QUEUED_PER_SERVER);
        client.setMaxResponseHeadersSize(MAX_HEADER_BYTES);
        client.setFollowRedirects(false);
        client.setUserAgentField(null);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        try {
            client.start();
        } catch (Exception e) {
            throw new IllegalStateException("cannot start an HTTP client", e);
        }
        // Jetty installs these when it starts: decompression, redirections and authentication.
        client.getContentDecoderFactories().clear();
        client.getProtocolHandlers().clear();
    }

    /** Lets only those addresses pass that may be called. The connection is made to the very addresses checked. */
    private record CheckedResolver(AllowedHosts hosts, SocketAddressResolver resolver)
            implements SocketAddressResolver {
        @Override
        public void resolve(
                String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
            resolver.resolve(host, port, context, new Promise<>() {
                @Override
                public void succeeded(List<InetSocketAddress> addresses) {
                    try {
                        List<InetAddress> found = addresses.stream()
                                .map(InetSocketAddress::getAddress)
                                .toList();
                        hosts.check(host, found);
                        promise.succeeded(addresses);
                    } catch (HostRefusedException e) {
                        promise.failed(e);
                    }
                }

                @Override
                public void failed(Throwable failure) {
                    promise.failed(failure);
                }
            });
        }
    }

    /**
     * An answer.
     *
     * @param status HTTP status
     * @param body content, at most as long as the caller allowed
     */
    public record Answer(int status, byte[] body) {}

    /**
     * Asks for a document.
     *
     * @see #post
     */
    public CompletableFuture<Answer> get(URI url, Duration deadline, int maxBytes) {
        return send(client.newRequest(url).method(HttpMethod.GET), deadline, maxBytes);
    }

    /**
     * Sends a document.
     *
     * @param deadline maximum time of the whole exchange
     * @param maxBytes maximum length of the answer's content
     * @return the answer; fails with {@link TimeoutException}, {@link AnswerTooLongException},
     *     {@link HostRefusedException}, or another {@link java.io.IOException}. Cancelling it closes the connection
     */
    public CompletableFuture<Answer> post(URI url, String contentType, byte[] body, Duration deadline, int maxBytes) {
        return send(
                client.newRequest(url).method(HttpMethod.POST).body(new BytesRequestContent(contentType, body)),
                deadline,
                maxBytes);
    }

    private static CompletableFuture<Answer> send(Request request, Duration deadline, int maxBytes) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (deadline.isNegative() || deadline.isZero()) {
            answer.completeExceptionally(new TimeoutException("the deadline has passed"));
            return answer;
        }
        request.timeout(Math.max(1, deadline.toMillis()), TimeUnit.MILLISECONDS);
        request.send(new Receiver(answer, maxBytes));
        answer.whenComplete((any, failure) -> {
            if (failure instanceof CancellationException) {
                request.abort(failure);
            }
        });
        return answer;
    }

    /** Collects the content of one answer, and closes the connection when it gets too long. */
    private static final class Receiver implements Response.Listener {

        private final CompletableFuture<Answer> answer;
        private final int maxBytes;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        private Receiver(CompletableFuture<Answer> answer, int maxBytes) {
            this.answer = answer;
            this.maxBytes = maxBytes;
        }

        @Override
        public void onContent(Response response, ByteBuffer part) {
            if (part.remaining() > maxBytes - content.size()) {
                response.abort(new AnswerTooLongException(maxBytes));
                return;
            }
            byte[] bytes = new byte[part.remaining()];
            part.get(bytes);
            content.writeBytes(bytes);
        }

        @Override
        public void onComplete(Result result) {
            if (result.isFailed()) {
                answer.completeExceptionally(result.getFailure());
            } else {
                answer.complete(new Answer(result.getResponse().getStatus(), content.toByteArray()));
            }
        }
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop an HTTP client", e);
        }
    }
}

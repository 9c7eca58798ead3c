package io.understudy.notification;

import io.understudy.outbound.AllowedHosts;
import io.understudy.schema.RolloutEvent;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Offers an event to a webhook; one request per call. */
final class WebhookClient {

    /** The result of an offer. */
    enum Answer {
        /** The webhook accepted the event. */
        TAKEN,
        /** A temporary failure; a retry may succeed. */
        NOT_NOW,
        /** A permanent failure: the webhook says that the request itself is wrong. */
        REFUSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(WebhookClient.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int FIRST_REDIRECTION = 300;
    private static final int FIRST_SERVER_ERROR = 500;

    /** Request timeout, too early, too many requests. */
    private static final Set<Integer> TEMPORARY = Set.of(408, 425, 429);

    private final Webhook webhook;
    private final Optional<Signature> signature;
    private final InstantSource clock;
    private final Duration timeout;
    private final AllowedHosts hosts;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    WebhookClient(Webhook webhook, Optional<Signature> signature, AllowedHosts hosts, InstantSource clock) {
        this(webhook, signature, hosts, clock, TIMEOUT);
    }

    /**
     * Creates a client with a given timeout.
     *
     * @param timeout how long to wait for an answer
     */
    WebhookClient(
            Webhook webhook, Optional<Signature> signature, AllowedHosts hosts, InstantSource clock, Duration timeout) {
        this.hosts = hosts;
        this.timeout = timeout;
        this.webhook = webhook;
        this.signature = signature;
        this.clock = clock;
    }

    /**
     * Offers an event.
     *
     * @param id identifier of the event; the same for every offer of this event
     */
    Answer offer(RolloutEvent event, String id) throws InterruptedException {
        try {
            // The client finds the same addresses, which the JDK caches.
            hosts.resolve(webhook.url().getHost());
        } catch (IOException e) {
            LOG.warn("Webhook cannot be called: webhook={} cause={}", webhook, e.getMessage());
            return Answer.NOT_NOW;
        }
        String body = webhook.format().document(event, id).toString();
        long timestamp = clock.instant().getEpochSecond();
        HttpRequest.Builder request = HttpRequest.newBuilder(webhook.url())
                .timeout(timeout)
                .header("Content-Type", webhook.format().contentType())
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(timestamp))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        signature.ifPresent(key -> request.header("webhook-signature", key.of(id, timestamp, body)));
        CompletableFuture<HttpResponse<Void>> call =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
        try {
            // The timeout of the request only covers the headers of the answer; its body may never end.
            int status = call.get(timeout.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            return answer(status);
        } catch (ExecutionException | TimeoutException e) {
            call.cancel(true);
            LOG.warn(
                    "Webhook did not answer: webhook={} cause={}",
                    webhook,
                    e.getCause() == null
                            ? "no answer within " + timeout
                            : e.getCause().getClass().getSimpleName());
            return Answer.NOT_NOW;
        }
    }

    private Answer answer(int status) {
        if (status < FIRST_REDIRECTION) {
            return Answer.TAKEN;
        }
        LOG.warn("Webhook did not accept the event: webhook={} status={}", webhook, status);
        return status >= FIRST_SERVER_ERROR || TEMPORARY.contains(status) ? Answer.NOT_NOW : Answer.REFUSED;
    }
}

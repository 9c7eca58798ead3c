package io.understudy.notification;

import io.github.resilience4j.core.IntervalFunction;
import io.understudy.outbound.AllowedHosts;
import io.understudy.reason.ReasonCode;
import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.streams.StopSignal;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers rollout events to one webhook, in order. It retries each event until the webhook accepts it, refuses it, or
 * the event is too old. Each notifier has its own consumer group: a webhook that does not answer delays only its own
 * events, and a restart continues with the event that was in progress. After a crash, an event may be delivered twice,
 * with the same id.
 */
public final class Notifier implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Webhook webhook;
    private final WebhookClient client;
    private final Policy policy;
    private final String topic;
    private final Decoder<RolloutEvent> decoder;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final NotificationMeters meters;
    private final InstantSource clock;
    private final StopSignal stop = new StopSignal();

    /**
     * Which events are delivered, and how long delivery is retried.
     *
     * @param secret key of the signatures; empty: requests are not signed
     * @param hosts hosts that may be called
     * @param events types of events to deliver
     * @param codes reason codes of events to deliver
     * @param giveUpAfter how long the delivery of an event is retried
     * @param firstPause time between the first two attempts; it doubles after each attempt, up to a minute
     */
    public record Policy(
            Optional<String> secret,
            AllowedHosts hosts,
            Set<RolloutEventType> events,
            Set<ReasonCode> codes,
            Duration giveUpAfter,
            Duration firstPause) {

        private static final Duration MAX_PAUSE = Duration.ofMinutes(1);
        private static final double GROWTH = 2;

        /** Whether a secret can be used as a signature key. */
        public static boolean isKey(String secret) {
            try {
                return new Signature(secret).of("id", 0, "body") != null;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        private boolean includes(RolloutEvent event) {
            return events.contains(event.getType()) && codes.contains(ReasonCode.read(event.getCode()));
        }

        private Duration pause(int attempt) {
            return Duration.ofMillis(IntervalFunction.ofExponentialBackoff(firstPause, GROWTH, MAX_PAUSE)
                    .apply(attempt));
        }
    }

    /**
     * Creates a notifier.
     *
     * @param consumers creates consumers in the group of this webhook that read committed records and have auto-commit
     * disabled
     */
    public Notifier(
            Webhook webhook,
            Policy policy,
            Topics topics,
            Registry registry,
            Supplier<Consumer<byte[], byte[]>> consumers,
            NotificationMeters meters,
            InstantSource clock) {
        this.webhook = webhook;
        this.policy = policy;
        this.client = new WebhookClient(webhook, policy.secret().map(Signature::new), policy.hosts(), clock);
        this.topic = topics.rolloutEvents().name();
        this.decoder = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.consumers = consumers;
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public void run() {
        while (!stop.isRequested()) {
            try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                stop.wakeOnRequest(consumer);
                consumer.subscribe(Set.of(topic), new CommitStartOffset(consumer));
                while (!stop.isRequested()) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        deliver(consumer, record);
                    }
                }
            } catch (WakeupException | InterruptException e) {
                LOG.debug("Notifier stops: webhook={}", webhook);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stop.request();
            } catch (AuthenticationException | AuthorizationException e) {
                throw e;
            } catch (KafkaException | RegistryUnavailableException e) {
                LOG.warn("Cannot read events, retrying: webhook={} cause={}", webhook, e.toString());
                stop.pause(PAUSE);
            }
        }
    }

    /** A new webhook receives the events from its start on, and none of the earlier ones. */
    private record CommitStartOffset(Consumer<byte[], byte[]> consumer) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            // Commit immediately: otherwise a restart before the first delivery could skip the events in between.
            consumer.committed(Set.copyOf(partitions)).forEach((partition, committed) -> {
                if (committed == null) {
                    consumer.commitSync(Map.of(partition, new OffsetAndMetadata(consumer.position(partition))));
                }
            });
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // Delivered events are committed; the next owner of the partition delivers the others.
        }
    }

    private void deliver(Consumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Optional<RolloutEvent> event = decode(record).filter(policy::includes);
        if (event.isPresent() && !offerUntilSettled(consumer, event.get(), record.topic() + "-" + record.offset())) {
            if (consumer.assignment().contains(partition)) {
                // Neither delivered nor skipped: read it again.
                consumer.seek(partition, record.offset());
            }
            return;
        }
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(record.offset() + 1)));
    }

    private Optional<RolloutEvent> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(decoder.decode(record.value()));
        } catch (UndecodableException e) {
            LOG.warn("Skipped an unreadable event: offset={} cause={}", record.offset(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Offers an event to the webhook until the webhook accepts or refuses it, or until it is too old. Returns false
     * when the notifier lost the partition or was closed before that.
     */
    private boolean offerUntilSettled(Consumer<byte[], byte[]> consumer, RolloutEvent event, String id)
            throws InterruptedException {
        Instant giveUpAt = clock.instant().plus(policy.giveUpAfter());
        for (int attempt = 1; !stop.isRequested(); attempt++) {
            switch (client.offer(event, id)) {
                case TAKEN -> {
                    meters.delivered(webhook.format());
                    return true;
                }
                case REFUSED -> {
                    return giveUp(event, "the webhook refused it");
                }
                case NOT_NOW -> {
                    meters.retried(webhook.format());
                    if (clock.instant().isAfter(giveUpAt)) {
                        return giveUp(event, "the webhook did not accept it within " + policy.giveUpAfter());
                    }
                    if (!waitInGroup(consumer, policy.pause(attempt))) {
                        return false;
                    }
                }
            }
        }
        return false;
    }

    private boolean giveUp(RolloutEvent event, String cause) {
        meters.givenUp(webhook.format());
        LOG.error(
                "Event not delivered: webhook={} deployment={} event={} cause={}",
                webhook,
                event.getDeployment(),
                event.getType(),
                cause);
        return true;
    }

    /**
     * Waits without reading further records, and keeps polling so that the consumer stays in its group. Returns false
     * when the assignment of partitions has changed.
     */
    private static boolean waitInGroup(Consumer<byte[], byte[]> consumer, Duration time) {
        Set<TopicPartition> before = Set.copyOf(consumer.assignment());
        consumer.pause(before);
        long until = System.nanoTime() + time.toNanos();
        for (long remaining = time.toNanos(); remaining > 0; remaining = until - System.nanoTime()) {
            consumer.poll(Duration.ofNanos(remaining));
        }
        boolean unchanged = consumer.assignment().equals(before);
        consumer.resume(consumer.paused());
        return unchanged;
    }

    @Override
    public void close() {
        stop.request();
    }
}

package io.understudy.notification;

import io.github.resilience4j.core.IntervalFunction;
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
 * Tells one webhook of rollout events, in order, each until it is taken, refused or too old. It has a consumer group of its own, so a
 * webhook that does not answer holds up nobody but itself, and after a restart goes on with the event it was at. An event may be told
 * twice after a crash; its id is the same then.
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
     * What is told, and how patiently.
     *
     * @param secret signs what is sent; empty: nothing is signed
     * @param events the kinds of events that are told
     * @param codes the codes of reasons that are told
     * @param giveUpAfter how long an event is offered
     * @param firstPause time between the first two offers; it doubles, up to a minute
     */
    public record Policy(
            Optional<String> secret,
            Set<RolloutEventType> events,
            Set<ReasonCode> codes,
            Duration giveUpAfter,
            Duration firstPause) {

        private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
        private static final double GROWTH = 2;

        /** Whether a secret can be used as a key. */
        public static boolean isKey(String secret) {
            try {
                return new Signature(secret).of("id", 0, "body") != null;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        private boolean tells(RolloutEvent event) {
            return events.contains(event.getType()) && codes.contains(ReasonCode.read(event.getCode()));
        }

        private Duration pause(int attempt) {
            return Duration.ofMillis(IntervalFunction.ofExponentialBackoff(firstPause, GROWTH, LONGEST_PAUSE)
                    .apply(attempt));
        }
    }

    /** @param consumers makes a consumer of this webhook's group that reads committed records and commits nothing by itself */
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
        this.client = new WebhookClient(webhook, policy.secret().map(Signature::new), clock);
        this.topic = topics.rolloutEvents().name();
        this.decoder = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.consumers = consumers;
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public void run() {
        while (!stop.isGiven()) {
            try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                stop.wakes(consumer);
                consumer.subscribe(Set.of(topic), new BeginNow(consumer));
                while (!stop.isGiven()) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        tell(consumer, record);
                    }
                }
            } catch (WakeupException | InterruptException e) {
                LOG.debug("Told to stop: webhook={}", webhook);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stop.give();
            } catch (AuthenticationException | AuthorizationException e) {
                throw e;
            } catch (KafkaException | RegistryUnavailableException e) {
                LOG.warn("Events cannot be read just now: webhook={} cause={}", webhook, e.toString());
                stop.pause(PAUSE);
            }
        }
    }

    /** A webhook that is new hears what happens from now on, and nothing that happened while it was not yet known. */
    private record BeginNow(Consumer<byte[], byte[]> consumer) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            // Kept at once, or what comes before the first event is told could be passed over by a restart.
            consumer.committed(Set.copyOf(partitions)).forEach((partition, committed) -> {
                if (committed == null) {
                    consumer.commitSync(Map.of(partition, new OffsetAndMetadata(consumer.position(partition))));
                }
            });
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // What is told is committed; what is not will be told by whoever has the partition next.
        }
    }

    private void tell(Consumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Optional<RolloutEvent> event = decode(record).filter(policy::tells);
        if (event.isPresent() && !offerUntilSettled(consumer, event.get(), record.topic() + "-" + record.offset())) {
            if (consumer.assignment().contains(partition)) {
                // Neither told nor passed over: it is next again.
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
            LOG.warn("An event is passed over: offset={} cause={}", record.offset(), e.getMessage());
            return Optional.empty();
        }
    }

    /** False when the partition went to somebody else, or the notifier is closed, before the event was settled. */
    private boolean offerUntilSettled(Consumer<byte[], byte[]> consumer, RolloutEvent event, String id)
            throws InterruptedException {
        Instant giveUpAt = clock.instant().plus(policy.giveUpAfter());
        for (int attempt = 1; !stop.isGiven(); attempt++) {
            switch (client.offer(event, id)) {
                case TAKEN -> {
                    meters.delivered(webhook.format());
                    return true;
                }
                case REFUSED -> {
                    return giveUp(event, "it was refused");
                }
                case NOT_NOW -> {
                    meters.retried(webhook.format());
                    if (clock.instant().isAfter(giveUpAt)) {
                        return giveUp(event, "it was not taken within " + policy.giveUpAfter());
                    }
                    if (!waitAsMember(consumer, policy.pause(attempt))) {
                        return false;
                    }
                }
            }
        }
        return false;
    }

    private boolean giveUp(RolloutEvent event, String why) {
        meters.givenUp(webhook.format());
        LOG.error(
                "An event was not told: webhook={} deployment={} event={} cause={}",
                webhook,
                event.getDeployment(),
                event.getType(),
                why);
        return true;
    }

    /** Waits without reading on, and without being taken for dead; false when the partitions are somebody else's afterwards. */
    private boolean waitAsMember(Consumer<byte[], byte[]> consumer, Duration time) {
        Set<TopicPartition> before = Set.copyOf(consumer.assignment());
        consumer.pause(before);
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            consumer.poll(Duration.ofNanos(left));
        }
        boolean still = consumer.assignment().equals(before);
        consumer.resume(consumer.paused());
        return still;
    }

    @Override
    public void close() {
        stop.give();
    }
}

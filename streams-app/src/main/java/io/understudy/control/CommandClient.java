package io.understudy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends commands and waits for the events that answer them. Not safe for several threads. */
public final class CommandClient implements AutoCloseable {

    /** How long the clients wait for an unavailable broker. */
    static final int BROKER_TIMEOUT_MILLIS = 15_000;

    private static final Duration POLL = Duration.ofMillis(100);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Encoder<RolloutCommand> commands;
    private final Decoder<RolloutEvent> events;
    private final Queue<RolloutEvent> received = new ArrayDeque<>();

    /**
     * Creates a client that receives the events written from now on.
     *
     * @param kafka settings of the Kafka clients
     */
    public CommandClient(Topics topics, Registry registry, Map<String, ?> kafka) {
        this.topics = topics;
        this.commands = registry.encoder(topics.rolloutCommands());
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        Map<String, Object> producerConfigs = new HashMap<>(kafka);
        producerConfigs.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BROKER_TIMEOUT_MILLIS);
        this.producer = new KafkaProducer<>(producerConfigs, new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> consumerConfigs = new HashMap<>(kafka);
        consumerConfigs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumerConfigs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consumerConfigs.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MILLIS);
        this.consumer = new KafkaConsumer<>(consumerConfigs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer
                .partitionsFor(topics.rolloutEvents().name())
                .stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // A seek is lazy: position() completes it before the first command is sent.
        partitions.forEach(consumer::position);
    }

    /**
     * Sends a command, also while the registry is away.
     *
     * @return the event that answers it; empty after the timeout. The answer may still arrive later.
     */
    public Optional<RolloutEvent> send(RolloutCommand command, Duration timeout)
            throws InterruptedException, ExecutionException {
        producer.send(new ProducerRecord<>(
                        topics.rolloutCommands().name(),
                        command.getDeployment().getBytes(UTF_8),
                        commands.encodeEvenWithoutRegistry(command)))
                .get();
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < giveUpAt) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                decode(record).ifPresent(received::add);
            }
            while (!received.isEmpty()) {
                RolloutEvent event = received.remove();
                if (command.getId().equals(event.getCommandId())) {
                    return Optional.of(event);
                }
            }
        }
        return Optional.empty();
    }

    /** The events of {@code deployment} since the last call or answer. Waits briefly when there are none yet. */
    public List<RolloutEvent> next(String deployment) {
        List<RolloutEvent> next = new ArrayList<>(received);
        received.clear();
        if (next.isEmpty()) {
            consumer.poll(POLL).forEach(record -> decode(record).ifPresent(next::add));
        }
        return next.stream()
                .filter(event -> event.getDeployment().equals(deployment))
                .toList();
    }

    private Optional<RolloutEvent> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(events.decode(record.value(), record.headers()));
        } catch (UndecodableException e) {
            // A record of another program on the topic is not an answer.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends commands and waits for the events that answer them. For one thread. */
public final class CommandClient implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Encoder<RolloutCommand> commands;
    private final Decoder<RolloutEvent> events;

    /**
     * A client that hears the events from now on.
     *
     * @param kafka settings of Kafka's clients
     */
    public CommandClient(Topics topics, Registry registry, Map<String, ?> kafka) {
        this.topics = topics;
        this.commands = registry.encoder(topics.rolloutCommands());
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.producer = new KafkaProducer<>(new HashMap<>(kafka), new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer
                .partitionsFor(topics.rolloutEvents().name())
                .stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Seeking is lazy: asking for the position makes it happen before the first command is sent.
        partitions.forEach(consumer::position);
    }

    /**
     * Sends a command.
     *
     * @return the event that answers it; empty when none came in time, which says nothing about whether one will
     */
    public Optional<RolloutEvent> send(RolloutCommand command, Duration timeout)
            throws InterruptedException, ExecutionException {
        producer.send(new ProducerRecord<>(
                        topics.rolloutCommands().name(),
                        command.getDeployment().getBytes(UTF_8),
                        commands.encode(command)))
                .get();
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < giveUpAt) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Optional<RolloutEvent> event = decode(record.value());
                if (event.isPresent() && command.getId().equals(event.get().getCommandId())) {
                    return event;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<RolloutEvent> decode(byte[] value) {
        try {
            return Optional.of(events.decode(value));
        } catch (UndecodableException e) {
            // Somebody else's record on the topic is no answer.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}

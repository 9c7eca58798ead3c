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

/** Sends commands and waits for the events that answer them. For one thread. */
public final class CommandClient implements AutoCloseable {

    /** How long a broker that is out of reach is waited for. */
    static final int PATIENCE_MILLIS = 15_000;

    private static final Duration POLL = Duration.ofMillis(100);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Encoder<RolloutCommand> commands;
    private final Decoder<RolloutEvent> events;
    private final Queue<RolloutEvent> read = new ArrayDeque<>();

    /**
     * A client that hears the events from now on.
     *
     * @param kafka settings of Kafka's clients
     */
    public CommandClient(Topics topics, Registry registry, Map<String, ?> kafka) {
        this.topics = topics;
        this.commands = registry.encoder(topics.rolloutCommands());
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        Map<String, Object> producing = new HashMap<>(kafka);
        producing.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        this.producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
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
                decode(record.value()).ifPresent(read::add);
            }
            while (!read.isEmpty()) {
                RolloutEvent event = read.poll();
                if (command.getId().equals(event.getCommandId())) {
                    return Optional.of(event);
                }
            }
        }
        return Optional.empty();
    }

    /** The events of {@code deployment} since the last answer; waits a little for the first. */
    public List<RolloutEvent> next(String deployment) {
        List<RolloutEvent> next = new ArrayList<>(read);
        read.clear();
        if (next.isEmpty()) {
            consumer.poll(POLL).forEach(record -> decode(record.value()).ifPresent(next::add));
        }
        return next.stream()
                .filter(event -> event.getDeployment().equals(deployment))
                .toList();
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

package io.understudy.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The baseline: a consumer and a producer that copy records unchanged to one or several topics, with or without a
 * transaction around each commit.
 */
final class PlainCopy implements Runnable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final Map<String, Object> kafka;
    private final String group;
    private final String from;
    private final List<String> to;
    private final boolean transactional;
    private final Duration commitInterval;
    private volatile boolean stopped;

    PlainCopy(
            Map<String, Object> kafka,
            String group,
            String from,
            List<String> to,
            boolean transactional,
            Duration commitInterval) {
        this.kafka = kafka;
        this.group = group;
        this.from = from;
        this.to = to;
        this.transactional = transactional;
        this.commitInterval = commitInterval;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        Map<String, Object> consumerConfigs = new HashMap<>(kafka);
        consumerConfigs.put("group.id", group);
        consumerConfigs.put("auto.offset.reset", "earliest");
        consumerConfigs.put("enable.auto.commit", false);
        consumerConfigs.put("isolation.level", "read_committed");
        consumerConfigs.put("max.poll.records", 1000);
        Map<String, Object> producerConfigs = new HashMap<>(kafka);
        producerConfigs.put("linger.ms", 5);
        // The same setting as the clients of the roles, otherwise the baseline would be too slow.
        producerConfigs.put("batch.size", 128 * 1024);
        if (transactional) {
            producerConfigs.put("transactional.id", group);
        }
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(consumerConfigs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(producerConfigs, new ByteArraySerializer(), new ByteArraySerializer())) {
            consumer.subscribe(List.of(from));
            if (transactional) {
                producer.initTransactions();
            }
            while (!stopped) {
                copyUntilCommit(consumer, producer);
            }
        }
    }

    private void copyUntilCommit(KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer) {
        List<ConsumerRecords<byte[], byte[]>> polls = new ArrayList<>();
        long commitAt = System.nanoTime() + commitInterval.toNanos();
        do {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            if (records.isEmpty()) {
                break;
            }
            if (polls.isEmpty() && transactional) {
                producer.beginTransaction();
            }
            polls.add(records);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                for (String topic : to) {
                    producer.send(new ProducerRecord<>(
                            topic, null, record.timestamp(), record.key(), record.value(), record.headers()));
                }
            }
        } while (System.nanoTime() < commitAt);
        if (polls.isEmpty()) {
            return;
        }
        if (transactional) {
            polls.forEach(
                    records -> producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata()));
            producer.commitTransaction();
        } else {
            producer.flush();
            consumer.commitSync();
        }
    }
}

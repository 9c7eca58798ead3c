package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/** Turns records of one topic into the registry's wire format. Safe for one thread at a time. */
public final class Encoder<T extends SpecificRecord> implements Serializer<T> {

    private final String topic;
    private final KafkaAvroSerializer serializer;

    Encoder(String topic, SchemaRegistryClient client, Map<String, ?> configs) {
        this.topic = topic;
        Map<String, Object> settings = new HashMap<>(configs);
        settings.putIfAbsent("schema.registry.url", "unused");
        settings.put("auto.register.schemas", false);
        settings.put("avro.remove.java.properties", true);
        this.serializer = new KafkaAvroSerializer(client, settings);
    }

    /** The record as bytes: a zero, the schema's id, Avro binary. */
    public byte[] encode(T value) {
        return serializer.serialize(topic, value);
    }

    @Override
    public byte[] serialize(String topic, T value) {
        return encode(value);
    }
}

package io.understudy.streams;

import io.understudy.topics.Topics;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The states of all deployments as a global table from deployment name to bytes. It is held in memory, and it is
 * complete before the application processes its first record.
 */
public final class StateTable {

    private StateTable() {}

    /** Adds the table to an application as the store {@code name}. */
    public static void addTo(StreamsBuilder builder, Topics topics, String name) {
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                topics.rolloutState().name(),
                Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("rollout-state"),
                () -> new Writer(name));
    }

    /** Copies each record of the topic to the table. */
    private static final class Writer implements Processor<String, byte[], Void, Void> {

        private final String name;
        private KeyValueStore<String, byte[]> store;

        Writer(String name) {
            this.name = name;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(name);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            store.put(record.key(), record.value());
        }
    }
}

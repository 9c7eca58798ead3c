package io.understudy.control;

import io.understudy.streams.TaskProcessor;
import io.understudy.topics.InternalTopic;
import io.understudy.topics.InternalTopic.Partitioning;
import io.understudy.topics.Topics;
import io.understudy.wire.RecordTime;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Turns commands and evaluations into states and events, one record at a time. A command whose model is inspected waits
 * in a store meanwhile; {@link Inspections} has the threads.
 */
public final class ControlTopology {

    private ControlTopology() {}

    /** Builds the topology over {@code topics}; {@code control} has the dependencies of its processor. */
    public static Topology build(Topics topics, ControlContext control) {
        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.earliest(),
                ControlNames.COMMANDS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.rolloutCommands().name());
        topology.addSource(
                AutoOffsetReset.earliest(),
                ControlNames.EVALUATIONS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.rolloutEvaluations().name());
        topology.addProcessor(
                ControlNames.CONTROLLER,
                TaskProcessor.<byte[], byte[], byte[], byte[]>supplier(
                        context -> new ControlProcessor(control, context)),
                ControlNames.COMMANDS,
                ControlNames.EVALUATIONS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(ControlNames.STATE_STORE), Serdes.String(), Serdes.ByteArray()),
                ControlNames.CONTROLLER);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(ControlNames.WAITING_STORE), Serdes.String(), Serdes.ByteArray()),
                ControlNames.CONTROLLER);
        sink(topology, ControlNames.STATES, topics.rolloutState().name());
        sink(topology, ControlNames.EVENTS, topics.rolloutEvents().name());
        sink(topology, ControlNames.OWN_COMMANDS, topics.rolloutCommands().name());
        sink(topology, ControlNames.DEAD_LETTERS, topics.deadLetters().name());
        return topology;
    }

    /**
     * The topics in which Kafka Streams keeps the controller's stores.
     *
     * @param application id of the application
     * @param maxMessageBytes largest record of a store
     */
    public static List<InternalTopic> internalTopics(String application, int maxMessageBytes) {
        return List.of(
                InternalTopic.changelog(application, ControlNames.STATE_STORE, Partitioning.CONTROL, maxMessageBytes),
                InternalTopic.changelog(
                        application, ControlNames.WAITING_STORE, Partitioning.CONTROL, maxMessageBytes));
    }

    private static void sink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), ControlNames.CONTROLLER);
    }
}

package io.understudy.control;

import io.understudy.topics.Topics;
import io.understudy.wire.RecordTime;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Turns commands and evaluations into states and events, one record at a time. It is a separate application because the
 * inspection of a model takes time.
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
                ControlProcessor.supplier(control),
                ControlNames.COMMANDS,
                ControlNames.EVALUATIONS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(ControlNames.STATE_STORE), Serdes.String(), Serdes.ByteArray()),
                ControlNames.CONTROLLER);
        sink(topology, ControlNames.STATES, topics.rolloutState().name());
        sink(topology, ControlNames.EVENTS, topics.rolloutEvents().name());
        sink(topology, ControlNames.DEAD_LETTERS, topics.deadLetters().name());
        return topology;
    }

    private static void sink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), ControlNames.CONTROLLER);
    }
}

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

    static final String COMMANDS = "commands";
    static final String EVALUATIONS = "evaluations";
    static final String CONTROLLER = "controller";
    static final String STATES = "states";
    static final String EVENTS = "events";
    static final String DEAD_LETTERS = "dead-letters";
    static final String STATE_STORE = "controller-rollout-state";

    private ControlTopology() {}

    /** Builds the topology over {@code topics}; {@code control} has the dependencies of its processor. */
    public static Topology build(Topics topics, ControlContext control) {
        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.earliest(),
                COMMANDS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.rolloutCommands().name());
        topology.addSource(
                AutoOffsetReset.earliest(),
                EVALUATIONS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.rolloutEvaluations().name());
        topology.addProcessor(CONTROLLER, () -> new ControlProcessor(control), COMMANDS, EVALUATIONS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(STATE_STORE), Serdes.String(), Serdes.ByteArray()),
                CONTROLLER);
        sink(topology, STATES, topics.rolloutState().name());
        sink(topology, EVENTS, topics.rolloutEvents().name());
        sink(topology, DEAD_LETTERS, topics.deadLetters().name());
        return topology;
    }

    private static void sink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), CONTROLLER);
    }
}

package io.understudy.routing;

import io.understudy.streams.CommitHook;
import io.understudy.streams.StateTable;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import io.understudy.wire.RecordTime;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Requests to lanes, and the candidate's answers past the guard to downstream. An application of its own, because it is the one thing every request passes: nothing slow may share it.
 * The deployments' states are a global table, held in memory and complete before the first request is read.
 */
public final class RoutingTopology {

    /** The global table: deployment to the bytes of its state. */
    public static final String STATE_STORE = "routing-rollout-state";

    static final String WAITING_STORE = "router-waiting-requests";
    static final String WAITING_HOOK = "router-waiting-requests-commit";

    static final String REQUESTS = "requests";
    static final String ROUTER = "router";
    static final String EXISTING_LANE = "existing-lane";
    static final String CANDIDATE_LANE = "candidate-lane";
    static final String CANDIDATE_ANSWERS = "candidate-answers";
    static final String PREDICTIONS = "predictions";
    static final String COMMANDS = "commands";
    static final String DEAD_LETTERS = "dead-letters";

    private RoutingTopology() {}

    /** The topology over {@code topics}; {@code routing} is what its processors work with. */
    public static Topology build(Topics topics, RoutingContext routing) {
        StreamsBuilder builder = new StreamsBuilder();
        StateTable.addTo(builder, topics, STATE_STORE);
        Topology topology = builder.build();
        topology.addSource(
                AutoOffsetReset.earliest(),
                REQUESTS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.predictionRequests().name());
        topology.addSource(
                AutoOffsetReset.earliest(),
                CANDIDATE_ANSWERS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.candidatePredictions().name());
        topology.addProcessor(ROUTER, () -> new RoutingProcessor(routing), REQUESTS, CANDIDATE_ANSWERS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(WAITING_STORE), Serdes.Long(), Serdes.ByteArray()),
                ROUTER);
        topology.addStateStore(CommitHook.builder(WAITING_HOOK), ROUTER);
        sink(topology, EXISTING_LANE, topics.existingRequests(), routing);
        sink(topology, CANDIDATE_LANE, topics.candidateRequests(), routing);
        sink(topology, PREDICTIONS, topics.predictions(), routing);
        sink(topology, DEAD_LETTERS, topics.deadLetters(), routing);
        // Commands are keyed by deployment, and belong to no partition of the requests.
        topology.addSink(
                COMMANDS,
                topics.rolloutCommands().name(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                ROUTER);
        return topology;
    }

    private static void sink(Topology topology, String name, Topic topic, RoutingContext routing) {
        topology.addSink(
                name,
                topic.name(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                routing.partitioner(),
                ROUTER);
    }
}

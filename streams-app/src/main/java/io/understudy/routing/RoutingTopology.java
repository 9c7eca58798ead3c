package io.understudy.routing;

import io.understudy.streams.CommitHook;
import io.understudy.streams.StateTable;
import io.understudy.topics.InternalTopic;
import io.understudy.topics.InternalTopic.Partitioning;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import io.understudy.wire.RecordTime;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Forwards requests to lanes, and the candidate's answers through the guard to downstream. The router is a separate
 * application, because every request passes it, so it must not share its threads with anything slow. The states of the
 * deployments are a global table, which is in memory and complete before the first request is read.
 */
public final class RoutingTopology {

    private RoutingTopology() {}

    /** Builds the topology. */
    public static Topology build(Topics topics, RoutingContext routing) {
        StreamsBuilder builder = new StreamsBuilder();
        StateTable.addTo(builder, topics, RoutingNames.STATE_STORE);
        Topology topology = builder.build();
        topology.addSource(
                AutoOffsetReset.earliest(),
                RoutingNames.REQUESTS,
                new RequestTime(routing.clock()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.predictionRequests().name());
        topology.addSource(
                AutoOffsetReset.earliest(),
                RoutingNames.CANDIDATE_ANSWERS,
                new RecordTime(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.candidatePredictions().name());
        topology.addProcessor(
                RoutingNames.ROUTER,
                RoutingProcessor.supplier(routing),
                RoutingNames.REQUESTS,
                RoutingNames.CANDIDATE_ANSWERS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(RoutingNames.WAITING_STORE), Serdes.Long(), Serdes.ByteArray()),
                RoutingNames.ROUTER);
        topology.addStateStore(CommitHook.builder(RoutingNames.WAITING_HOOK), RoutingNames.ROUTER);
        sink(topology, RoutingNames.EXISTING_LANE, topics.existingRequests(), routing);
        sink(topology, RoutingNames.CANDIDATE_LANE, topics.candidateRequests(), routing);
        for (String lane : topics.lanes()) {
            Optional<String> name = Optional.of(lane);
            sink(topology, RoutingNames.lane(RoutingNames.EXISTING_LANE, lane), topics.existingRequests(name), routing);
            sink(
                    topology,
                    RoutingNames.lane(RoutingNames.CANDIDATE_LANE, lane),
                    topics.candidateRequests(name),
                    routing);
        }
        sink(topology, RoutingNames.PREDICTIONS, topics.predictions(), routing);
        sink(topology, RoutingNames.DEAD_LETTERS, topics.deadLetters(), routing);
        // Commands are keyed by deployment, so they are not partitioned like the requests.
        topology.addSink(
                RoutingNames.COMMANDS,
                topics.rolloutCommands().name(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                RoutingNames.ROUTER);
        return topology;
    }

    /**
     * The topics in which Kafka Streams keeps the router's stores.
     *
     * @param application id of the application
     * @param maxMessageBytes largest record of a store
     */
    public static List<InternalTopic> internalTopics(String application, int maxMessageBytes) {
        return List.of(
                InternalTopic.changelog(application, RoutingNames.WAITING_STORE, Partitioning.DATA, maxMessageBytes));
    }

    private static void sink(Topology topology, String name, Topic topic, RoutingContext routing) {
        topology.addSink(
                name,
                topic.name(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                routing.partitioner(),
                RoutingNames.ROUTER);
    }
}

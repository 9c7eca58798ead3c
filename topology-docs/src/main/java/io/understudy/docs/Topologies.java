package io.understudy.docs;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.control.Control;
import io.understudy.control.ControlTopology;
import io.understudy.evaluation.Evaluation;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.routing.Routing;
import io.understudy.routing.RoutingTopology;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.Topology;

/** The topologies of the roles that are Kafka Streams applications, as they are built to run. */
final class Topologies {

    static final int MAX_REQUEST_BYTES = 1024 * 1024;

    private Topologies() {}

    /** By role. */
    static Map<String, Topology> all(Topics topics) {
        Map<String, Topology> all = new LinkedHashMap<>();
        all.put(
                Routing.ROLE,
                RoutingTopology.build(
                        topics,
                        new Routing(
                                topics, registry(), meters(Routing.ROLE), InstantSource.system(), MAX_REQUEST_BYTES)));
        all.put(
                Control.ROLE,
                ControlTopology.build(topics, new Control(topics, registry(), meters(Control.ROLE), model -> model)));
        all.put(
                Evaluation.ROLE,
                EvaluationTopology.build(
                        topics,
                        new Evaluation(
                                topics,
                                registry(),
                                meters(Evaluation.ROLE),
                                () -> 1,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO)));
        return all;
    }

    private static Registry registry() {
        return new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    }

    private static Meters meters(String role) {
        return new Meters(new SimpleMeterRegistry(), role);
    }
}

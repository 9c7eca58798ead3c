package io.understudy.docs;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.control.ControlContext;
import io.understudy.control.ControlMeters;
import io.understudy.control.ControlTopology;
import io.understudy.control.Inspections;
import io.understudy.evaluation.EvaluationContext;
import io.understudy.evaluation.EvaluationMeters;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.routing.RoutingContext;
import io.understudy.routing.RoutingMeters;
import io.understudy.routing.RoutingTopology;
import io.understudy.streams.ReadProgress;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.Topology;

/** The topologies of the roles that are Kafka Streams applications, built like in production. */
final class Topologies {

    static final int MAX_REQUEST_BYTES = 1024 * 1024;

    private Topologies() {}

    /** The topologies, by role. */
    static Map<String, Topology> all(Topics topics) {
        Map<String, Topology> all = new LinkedHashMap<>();
        all.put(
                RoutingContext.ROLE,
                RoutingTopology.build(
                        topics,
                        new RoutingContext(
                                topics,
                                registry(),
                                new RoutingMeters(meters(RoutingContext.ROLE)),
                                InstantSource.system(),
                                MAX_REQUEST_BYTES,
                                Duration.ZERO,
                                MAX_REQUEST_BYTES,
                                ReadProgress.UNKNOWN)));
        ControlMeters control = new ControlMeters(meters(ControlContext.ROLE));
        Inspections inspections = new Inspections(model -> model, Runnable::run, Duration.ZERO, control);
        all.put(
                ControlContext.ROLE,
                ControlTopology.build(topics, new ControlContext(topics, registry(), control, inspections)));
        all.put(
                EvaluationContext.ROLE,
                EvaluationTopology.build(
                        topics,
                        new EvaluationContext(
                                topics,
                                registry(),
                                new EvaluationMeters(meters(EvaluationContext.ROLE)),
                                () -> 1,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO),
                        1));
        return all;
    }

    private static Registry registry() {
        return new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    }

    private static Meters meters(String role) {
        return new Meters(new SimpleMeterRegistry(), role);
    }
}

package io.understudy.routing;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.InstantSource;

/**
 * What the router works with.
 *
 * @param topics where things go
 * @param registry schemas of requests and states
 * @param meters what is counted
 * @param clock the time stamped on routed requests
 * @param maxRequestBytes largest request that is forwarded, key and headers included, bytes
 * @param partitioner keeps lanes partitioned like the requests
 * @param breakers the candidates' circuit breakers, shared by all partitions of this process
 */
public record RoutingContext(
        Topics topics,
        Registry registry,
        RoutingMeters meters,
        InstantSource clock,
        int maxRequestBytes,
        SamePartition partitioner,
        CircuitBreakers breakers) {

    public RoutingContext(
            Topics topics, Registry registry, RoutingMeters meters, InstantSource clock, int maxRequestBytes) {
        this(topics, registry, meters, clock, maxRequestBytes, new SamePartition(), new CircuitBreakers());
    }

    /** The role's name in headers and meters. */
    public static final String ROLE = "router";
}

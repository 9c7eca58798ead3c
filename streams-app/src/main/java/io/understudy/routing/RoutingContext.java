package io.understudy.routing;

import io.understudy.registry.Registry;
import io.understudy.streams.ReadProgress;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;

/**
 * The dependencies and settings of the router.
 *
 * @param topics topics that it reads and writes
 * @param registry schemas of requests and states
 * @param meters meters of the router
 * @param clock source of the times in routing headers
 * @param maxRequestBytes maximum size of a forwarded request with key and headers, bytes
 * @param maxAhead how far ahead of this clock the time of a request may be before it is reported
 * @param partitioner partitions the lanes in the same way as the requests
 * @param maxWaitingBytes maximum memory of the requests that wait for candidates in this process, estimated, bytes.
 *     Beyond it, the existing models answer
 * @param progress how far the stream threads have read
 * @param breakers circuit breakers of the candidates, shared by all partitions of this process
 */
public record RoutingContext(
        Topics topics,
        Registry registry,
        RoutingMeters meters,
        InstantSource clock,
        int maxRequestBytes,
        Duration maxAhead,
        long maxWaitingBytes,
        ReadProgress progress,
        SamePartition partitioner,
        CircuitBreakers breakers) {

    public RoutingContext(
            Topics topics,
            Registry registry,
            RoutingMeters meters,
            InstantSource clock,
            int maxRequestBytes,
            Duration maxAhead,
            long maxWaitingBytes,
            ReadProgress progress) {
        this(
                topics,
                registry,
                meters,
                clock,
                maxRequestBytes,
                maxAhead,
                maxWaitingBytes,
                progress,
                new SamePartition(),
                new CircuitBreakers());
    }

    /** The role's name in headers and meters. */
    public static final String ROLE = "router";
}

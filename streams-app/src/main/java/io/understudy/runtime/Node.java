package io.understudy.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.understudy.control.Control;
import io.understudy.control.ControlTopology;
import io.understudy.evaluation.Evaluation;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.routing.Routing;
import io.understudy.routing.RoutingTopology;
import io.understudy.schema.RolloutState;
import io.understudy.scoring.ModelLoader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process with its roles. */
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** Commands are rare: the controller need not hurry its transactions. */
    private static final Duration CONTROLLER_COMMIT_INTERVAL = Duration.ofMillis(50);

    /** How long the global table of states may lag behind an answer that was made by a state. */
    private static final Duration STATE_PATIENCE = Duration.ofSeconds(5);

    private final Settings settings;
    private final Registry registry;
    private final MeterRegistry meterRegistry;
    private final InstantSource clock;
    private final Map<RoleName, Role> roles = new EnumMap<>(RoleName.class);
    private final List<AutoCloseable> resources = new ArrayList<>();

    /** A node whose roles are made and not started. The registry stays the caller's. */
    public Node(Settings settings, Registry registry, MeterRegistry meterRegistry, InstantSource clock) {
        this.settings = settings;
        this.registry = registry;
        this.meterRegistry = meterRegistry;
        this.clock = clock;
        for (RoleName name : settings.roles()) {
            roles.put(name, role(name));
        }
    }

    private Role role(RoleName name) {
        Meters meters = new Meters(meterRegistry, name.code());
        return switch (name) {
            case ROUTER ->
                new StreamsRole(
                        name.code(),
                        RoutingTopology.build(
                                settings.topics(),
                                new Routing(settings.topics(), registry, meters, clock, settings.maxRequestBytes())),
                        StreamsRole.configs(
                                settings,
                                name.code(),
                                settings.router().threads(),
                                settings.router().commitInterval()));
            case SCORER -> new ScorerRole(settings, registry, meters, clock);
            case CONTROLLER ->
                new StreamsRole(
                        name.code(),
                        ControlTopology.build(
                                settings.topics(),
                                new Control(settings.topics(), registry, meters, inspection(meters))),
                        StreamsRole.configs(settings, name.code(), 1, CONTROLLER_COMMIT_INTERVAL));
            case EVALUATOR ->
                new StreamsRole(
                        name.code(),
                        EvaluationTopology.build(settings.topics(), evaluation(meters)),
                        StreamsRole.evaluatorConfigs(settings));
        };
    }

    private Evaluation evaluation(Meters meters) {
        return new Evaluation(
                settings.topics(),
                registry,
                meters,
                new PartitionCount(settings),
                settings.evaluator().silence(),
                settings.evaluator().startup(),
                STATE_PATIENCE);
    }

    private ModelLoader inspection(Meters meters) {
        ModelLoader loader = new ModelLoader(
                settings.scorer().modelsDirectory(),
                settings.scorer().deadline(),
                settings.scorer().requestsInFlight(),
                meters);
        resources.add(loader);
        return loader;
    }

    /** Starts every role. */
    public void start() {
        roles.forEach((name, role) -> {
            role.start();
            LOG.info("Role started: role={}", name.code());
        });
    }

    /**
     * Waits until this node's router acts on a deployment's state of at least {@code version}: its global table may lag behind
     * an acknowledged write. Returns at once on a node without a router.
     *
     * @throws TimeoutException when it takes longer than {@code timeout}
     */
    public void awaitRouting(String deployment, long version, Duration timeout)
            throws InterruptedException, TimeoutException {
        if (roles.get(RoleName.ROUTER) instanceof StreamsRole router) {
            new RoutingProbe(
                            router.streams(), registry.decoder(settings.topics().rolloutState(), RolloutState.class))
                    .await(deployment, version, timeout);
        }
    }

    /** Why a role stopped by itself; empty while all of them work. */
    public Optional<String> failure() {
        return roles.values().stream()
                .map(Role::failure)
                .filter(why -> why != null)
                .findFirst();
    }

    /** What was counted. */
    public MeterRegistry meters() {
        return meterRegistry;
    }

    /** Stops every role after what it is at. */
    @Override
    public void close() throws Exception {
        roles.values().parallelStream().forEach(Role::close);
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }
}

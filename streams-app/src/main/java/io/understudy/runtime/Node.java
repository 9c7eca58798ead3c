package io.understudy.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.understudy.control.ControlContext;
import io.understudy.control.ControlMeters;
import io.understudy.control.ControlTopology;
import io.understudy.control.Inspections;
import io.understudy.evaluation.EvaluationContext;
import io.understudy.evaluation.EvaluationMeters;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.http.Check;
import io.understudy.http.Monitored;
import io.understudy.http.MonitoringServer;
import io.understudy.http.PortInUseException;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.metrics.ProcessMeters;
import io.understudy.notification.NotificationMeters;
import io.understudy.registry.Registry;
import io.understudy.routing.RoutingContext;
import io.understudy.routing.RoutingMeters;
import io.understudy.routing.RoutingTopology;
import io.understudy.schema.RolloutState;
import io.understudy.scoring.IsolatedInspection;
import io.understudy.scoring.ModelLoader;
import io.understudy.scoring.ScoringMeters;
import io.understudy.streams.TrackingClients;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process with its roles. */
public final class Node implements Monitored, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** Commands are rare, so the controller does not need a shorter interval. */
    private static final Duration CONTROLLER_COMMIT_INTERVAL = Duration.ofMillis(50);

    /** How long the evaluator waits for the state that an answer refers to. */
    private static final Duration STATE_TIMEOUT = Duration.ofSeconds(5);

    private final Settings settings;
    private final Registry registry;
    private final ProcessMeters processMeters;
    private final Dependencies dependencies;
    private final InstantSource clock;
    private final Map<RoleName, Role> roles = new EnumMap<>(RoleName.class);
    private final List<AutoCloseable> resources = new ArrayList<>();
    private Optional<MonitoringServer> monitoring = Optional.empty();
    private boolean listening;
    private volatile boolean started;

    /** Creates a node with its roles, but does not start them. The registry and the meters remain the caller's. */
    public Node(Settings settings, Registry registry, ProcessMeters processMeters, InstantSource clock) {
        this.settings = settings;
        this.registry = registry;
        this.processMeters = processMeters;
        this.clock = clock;
        this.dependencies = new Dependencies(settings, registry);
        for (RoleName name : settings.roles()) {
            Role role = role(name);
            roles.put(name, role);
            new Meters(processMeters.registry(), name.code())
                    .gauge(
                            Metric.ROLE_RUNNING,
                            () -> role.failure().isEmpty() && role.readiness().passes() ? 1 : 0);
        }
    }

    private Role role(RoleName name) {
        Meters meters = new Meters(processMeters.registry(), name.code());
        return switch (name) {
            case ROUTER -> router(meters);
            case SCORER -> new ScorerRole(settings, registry, new ScoringMeters(meters), clock);
            case CONTROLLER ->
                new StreamsRole(
                        name.code(),
                        ControlTopology.build(
                                settings.topics(),
                                new ControlContext(
                                        settings.topics(), registry, new ControlMeters(meters), inspections(meters))),
                        StreamsRole.configs(settings, name, 1, CONTROLLER_COMMIT_INTERVAL),
                        settings.monitoring().stuckAfter(),
                        settings.permissions(name.party()),
                        processMeters.registry());
            case EVALUATOR ->
                new LateRole(
                        name.code(),
                        () -> new StreamsRole(
                                name.code(),
                                EvaluationTopology.build(
                                        settings.topics(), evaluation(meters), PartitionCount.judgingTasks(settings)),
                                StreamsRole.evaluatorConfigs(settings),
                                settings.monitoring().stuckAfter(),
                                settings.permissions(name.party()),
                                processMeters.registry()));
            case CONSOLE -> new ConsoleRole(settings, registry, meters, this, clock);
            case NOTIFIER -> new NotifierRole(settings, registry, new NotificationMeters(meters), clock);
        };
    }

    private Role router(Meters meters) {
        TrackingClients clients = new TrackingClients();
        return new StreamsRole(
                RoleName.ROUTER.code(),
                RoutingTopology.build(
                        settings.topics(),
                        new RoutingContext(
                                settings.topics(),
                                registry,
                                new RoutingMeters(meters),
                                clock,
                                settings.maxRequestBytes(),
                                settings.maxRequestAhead(),
                                settings.router().maxWaitingBytes(),
                                clients)),
                StreamsRole.routerConfigs(settings),
                clients,
                settings.monitoring().stuckAfter(),
                settings.permissions(RoleName.ROUTER.party()),
                processMeters.registry());
    }

    private EvaluationContext evaluation(Meters meters) {
        return new EvaluationContext(
                settings.topics(),
                registry,
                new EvaluationMeters(meters),
                new PartitionCount(settings),
                settings.evaluator().silence(),
                settings.evaluator().startup(),
                STATE_TIMEOUT,
                settings.maxRequestAhead());
    }

    private Inspections inspections(Meters meters) {
        ModelLoader loader = new ModelLoader(settings.modelLimits(), new ScoringMeters(meters));
        Inspections inspections = new Inspections(
                new IsolatedInspection(
                        loader, settings.modelLimits(), settings.controller().inspectionMemoryBytes()),
                settings.controller().inspections(),
                settings.controller().inspectionTimeout(),
                new ControlMeters(meters));
        resources.add(inspections);
        resources.add(loader);
        return inspections;
    }

    /**
     * Starts the server for health and meters, and the console if the node has one. This works before the roles are
     * started, and while the broker and the registry are not reachable.
     *
     * @throws PortInUseException if a required port is in use
     */
    public void listen() {
        if (listening) {
            return;
        }
        listening = true;
        dependencies.start();
        monitoring = settings.monitoring()
                .port()
                .map(port -> MonitoringServer.start(settings.monitoring().host(), port, this));
        if (roles.get(RoleName.CONSOLE) instanceof ConsoleRole console) {
            console.listen(roles.size() == 1);
        }
    }

    /**
     * Starts all roles.
     *
     * @throws PortInUseException if a required port is in use
     */
    public void start() {
        listen();
        started = true;
        roles.forEach((name, role) -> {
            role.start();
            LOG.info("Role started: role={}", name.code());
        });
    }

    /**
     * Waits until this node's router uses at least version {@code version} of a deployment's state, because its global
     * table may lag behind an acknowledged write. Returns immediately on a node without a router.
     *
     * @throws TimeoutException if it takes longer than {@code timeout}
     */
    public void awaitRouting(String deployment, long version, Duration timeout)
            throws InterruptedException, TimeoutException {
        if (roles.get(RoleName.ROUTER) instanceof StreamsRole router) {
            new RoutingProbe(
                            router.streams(), registry.decoder(settings.topics().rolloutState(), RolloutState.class))
                    .await(deployment, version, timeout);
        }
    }

    /** Why a role stopped because of an error; empty while all roles run. */
    public Optional<String> failure() {
        return roles.values().stream().flatMap(role -> role.failure().stream()).findFirst();
    }

    /** The meters of this process. */
    public MeterRegistry meters() {
        return processMeters.registry();
    }

    /** The address of the console's page, with the token if it was generated at this start; empty without a console. */
    public Optional<String> consoleAddress() {
        return roles.get(RoleName.CONSOLE) instanceof ConsoleRole console ? console.address() : Optional.empty();
    }

    /** The address of the server for health and meters; empty without one. A console serves them as well. */
    public Optional<String> monitoringAddress() {
        return monitoring.map(server -> "http://" + settings.monitoring().host() + ":" + server.port() + "/");
    }

    @Override
    public List<Check> health() {
        return roles.entrySet().stream()
                .map(role -> health(role.getKey(), role.getValue().failure()))
                .toList();
    }

    private static Check health(RoleName name, Optional<String> failure) {
        return new Check(name.code(), failure.isEmpty(), failure.orElse("works"));
    }

    @Override
    public List<Check> roles() {
        List<Check> checks = new ArrayList<>();
        if (!started) {
            checks.add(new Check("start", false, "waits for topics and subjects"));
        }
        roles.values().forEach(role -> checks.add(role.readiness()));
        return checks;
    }

    @Override
    public List<Check> dependencies() {
        return dependencies.checks();
    }

    /** Whether the roles are ready and the dependencies reachable. */
    public List<Check> readiness() {
        return Stream.concat(dependencies().stream(), roles().stream()).toList();
    }

    @Override
    public String metrics() {
        return processMeters.text();
    }

    /** Stops all roles after their current work. */
    @Override
    public void close() throws Exception {
        monitoring.ifPresent(MonitoringServer::close);
        roles.values().parallelStream().forEach(Role::close);
        dependencies.close();
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }
}

package io.understudy.examples.flightdelay.demo;

import io.understudy.control.CommandClient;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import io.understudy.metrics.ProcessMeters;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.RoleName;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs one rollout from the first request to the summary, on an embedded stack, with all roles in this process. */
final class Demo {

    private static final int DEFAULT_CONSOLE_PORT = 8080;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration READ_TIMEOUT = Duration.ofMillis(100);
    private static final Duration VERDICT_TIMEOUT = Duration.ofSeconds(8);

    /** Flights after the end of the rollout, which show the model that serves now. */
    private static final long FLIGHTS_AFTER_END = 3000;

    private static final Duration MAX_WAIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Path home;
    private final Scenario scenario;
    private final PrintStream out;
    private final String token;

    /**
     * Creates a demo.
     *
     * @param home directory with the models and files of the example
     * @param scenario the scenario to run
     * @param out receives the progress
     * @param token token of the console; the same for all scenarios, so that one page can follow them
     */
    Demo(Path home, Scenario scenario, PrintStream out, String token) {
        this.token = token;
        this.home = home;
        this.scenario = scenario;
        this.out = out;
    }

    /**
     * Runs the rollout on {@code stack}.
     *
     * @param data the file of flights
     * @param limit maximum number of flights to send
     * @param pace when each flight is sent
     */
    Summary play(EmbeddedStack stack, Path data, long limit, Pace pace) throws Exception {
        Settings settings = settings(
                stack, Arrays.stream(RoleName.values()).map(RoleName::code).collect(Collectors.joining(",")));
        Airports airports = Airports.read(home.resolve("models/airports.csv"));
        try (Registry registry = Registry.connect(settings.registryUrl(), Map.of(), MAX_WAIT)) {
            new Preflight(settings, registry).create();
            try (ProcessMeters meters = new ProcessMeters();
                    Node node = new Node(settings, registry, meters, InstantSource.system());
                    Stream<Flight> flights = FlightFile.read(data).limit(limit)) {
                node.start();
                printAddress(node);
                Rollout rollout = deployAndStart(settings, registry, node);
                Replay replay = new Replay(
                        flights, new FlightFeatures(airports), pace, settings.topics(), registry, settings.kafka());
                return follow(rollout, replay, limit, settings, registry, node);
            }
        }
    }

    /**
     * Starts a console that shows the rollout after its end.
     *
     * @return stops the console when it is closed
     */
    AutoCloseable show(EmbeddedStack stack) {
        Settings settings = settings(stack, RoleName.CONSOLE.code());
        Registry registry = Registry.connect(settings.registryUrl(), Map.of(), MAX_WAIT);
        Node node = new Node(settings, registry, new ProcessMeters(), InstantSource.system());
        node.start();
        printAddress(node);
        return () -> {
            node.close();
            registry.close();
        };
    }

    private void printAddress(Node node) {
        node.consoleAddress().ifPresent(address -> out.println("watch it: " + address + "#token=" + token));
    }

    private Settings settings(EmbeddedStack stack, String roles) {
        Properties properties = new Properties();
        properties.setProperty("roles", roles);
        properties.setProperty("console.token", token);
        properties.setProperty("kafka.bootstrap.servers", stack.bootstrapServers());
        properties.setProperty("registry.url", stack.registryUrl());
        // Each scenario has its own topics.
        properties.setProperty("prefix", scenario.name() + ".");
        properties.setProperty("topics.partitions", "3");
        properties.setProperty("console.port", Integer.toString(consolePort()));
        properties.setProperty("models.directory", home.toString());
        properties.setProperty("outbound.hosts", "*,localhost");
        properties.setProperty(
                "state.directory", stack.directory().resolve("state").toString());
        return SettingsReader.read(properties);
    }

    /** The default port if it is free, otherwise 0. */
    private static int consolePort() {
        try (ServerSocket probe = new ServerSocket(DEFAULT_CONSOLE_PORT, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            return 0;
        }
    }

    private Rollout deployAndStart(Settings settings, Registry registry, Node node) throws Exception {
        try (CommandClient client = new CommandClient(settings.topics(), registry, settings.kafka())) {
            command(client, RolloutVerb.DEPLOY, Files.readString(home.resolve("deployment.yaml")));
            RolloutEvent started = command(client, RolloutVerb.START, Files.readString(home.resolve(scenario.file())));
            // Every flight must be mirrored, so the router must know the rollout before the first flight is sent.
            node.awaitRouting(Replay.DEPLOYMENT, started.getStateVersion(), ANSWER_TIMEOUT);
            return started.getState().getRollout();
        }
    }

    private RolloutEvent command(CommandClient client, RolloutVerb verb, String spec) throws Exception {
        RolloutEvent event = client.send(
                        RolloutCommand.newBuilder()
                                .setId(UUID.randomUUID().toString())
                                .setDeployment(Replay.DEPLOYMENT)
                                .setVerb(verb)
                                .setActor("demo")
                                .setSpec(spec)
                                .setIssuedAt(Instant.now())
                                .build(),
                        ANSWER_TIMEOUT)
                .orElseThrow(() -> new IllegalStateException("the controller did not answer " + verb));
        if (event.getType() == RolloutEventType.REJECTED) {
            throw new IllegalStateException(verb + " was rejected: " + event.getReason());
        }
        out.println(event.getType() + " " + (event.getRollout() == null ? event.getDeployment() : event.getRollout()));
        return event;
    }

    private Summary follow(Rollout rollout, Replay replay, long limit, Settings settings, Registry registry, Node node)
            throws Exception {
        ExecutorService upstream = Executors.newSingleThreadExecutor();
        try (Audit audit = new Audit(rollout, settings.topics(), registry, settings.kafka());
                Backlog backlog = new Backlog(settings);
                View view = View.on(out)) {
            long start = System.nanoTime();
            Future<Long> sending = upstream.submit(replay);
            AnswerWait wait = new AnswerWait(start, PATIENCE);
            AnswerWait.State state = AnswerWait.State.WAIT;
            while (!(sending.isDone() && isComplete(audit.counts(), replay.sent())) && state == AnswerWait.State.WAIT) {
                int read = audit.read(READ_TIMEOUT);
                state = wait.observe(System.nanoTime(), read, backlog.look(), sending.isDone());
                if (audit.counts().hasEnded()) {
                    replay.endAfter(FLIGHTS_AFTER_END);
                }
                view.show(progress(audit, replay, limit, start));
                node.failure().ifPresent(cause -> {
                    throw new IllegalStateException(cause);
                });
            }
            sending.get();
            if (state == AnswerWait.State.STALLED) {
                throw new IllegalStateException("not all requests are answered yet: " + backlog);
            }
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
            awaitVerdict(audit);
            while (audit.read(READ_TIMEOUT) > 0) {
                // A duplicate may still arrive after all answers have.
            }
            view.show(progress(audit, replay, replay.sent(), start));
            return audit.counts().summary(scenario.name(), audit.latency(), seconds);
        } finally {
            upstream.shutdownNow();
        }
    }

    /** Waits for the last windows, which the wall clock closes: they may bring a verdict. */
    private static void awaitVerdict(Audit audit) {
        long giveUpAt = System.nanoTime() + VERDICT_TIMEOUT.toNanos();
        while (!audit.counts().hasEnded() && System.nanoTime() < giveUpAt) {
            audit.read(READ_TIMEOUT);
        }
    }

    private static boolean isComplete(DemoCounts counts, long sent) {
        return counts.requests() == sent && counts.isComplete();
    }

    private static View.Progress progress(Audit audit, Replay replay, long total, long start) {
        return new View.Progress(
                total, replay.sent(), audit.counts(), audit.latency(), (System.nanoTime() - start) / NANOS_PER_SECOND);
    }
}

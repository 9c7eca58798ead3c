package io.understudy.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.control.CommandClient;
import io.understudy.registry.Decoder;
import io.understudy.runtime.Node;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures what the deployments of one installation notice of another one whose inference server hangs. They share the
 * router, the scorer and both lanes.
 */
final class Neighbours {

    private static final int WARM_UP_SECONDS = 20;
    private static final int SETTLE_SECONDS = 3;
    private static final long MAX_MILLIS = 600_000;
    /** The deployment whose servers hang. */
    private static final String REMOTE = "remote-models";

    private static final String STEADY = "steady";
    private static final String CANARY = "with-canary";
    private static final List<String> DEPLOYMENTS = List.of(STEADY, CANARY, REMOTE);

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final int seconds;
    private final int rounds;
    private final int perSecond;
    private final FlightSender sender;

    /** What is measured of one kind of requests: latencies in milliseconds, and the number of fallbacks. */
    private static final class Measured {
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> p99 = new ArrayList<>();
        private long fallbacks;

        private void add(Histogram histogram) {
            p50.add((double) histogram.getValueAtPercentile(50));
            p99.add((double) histogram.getValueAtPercentile(99));
        }
    }

    private enum Hanging {
        NOTHING("nothing hangs"),
        EXISTING("an existing model's server hangs"),
        CANDIDATE("a candidate's server hangs"),
        BOTH("both hang");

        private final String text;

        Hanging(String text) {
            this.text = text;
        }
    }

    Neighbours(BrokerProcess broker, Path example, Path state, int seconds, int rounds, int perSecond) {
        this.broker = broker;
        this.example = example;
        this.state = state;
        this.seconds = seconds;
        this.rounds = rounds;
        this.perSecond = perSecond;
        this.sender = new FlightSender(perSecond, DEPLOYMENTS);
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int perSecond = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 300;
        Path state = Files.createTempDirectory("understudy-neighbours-");
        String table;
        try (BrokerProcess broker = BrokerProcess.start()) {
            Path example = home.resolve("examples/flight-delay").toAbsolutePath();
            table = new Neighbours(broker, example, state, seconds, rounds, perSecond).measure();
        } finally {
            try (Stream<Path> files = Files.walk(state)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
        Files.writeString(home.resolve("benchmarks/NEIGHBOURS.md"), table);
        System.out.print(table);
        // The servers' connections to calls that were never answered keep threads.
        Runtime.getRuntime().exit(0);
    }

    private String measure() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        Map<String, Map<Hanging, Measured>> results = new TreeMap<>();
        try (Server existing = new Server(executor);
                Server candidate = new Server(executor);
                Site site = new Site(broker, example, state)) {
            Node node = site.start("router,scorer,controller");
            deploy(site, node, existing, candidate);
            round(site, WARM_UP_SECONDS);
            for (int round = 0; round < rounds; round++) {
                for (Hanging hanging : Hanging.values()) {
                    existing.hangs = hanging == Hanging.EXISTING || hanging == Hanging.BOTH;
                    candidate.hangs = hanging == Hanging.CANDIDATE || hanging == Hanging.BOTH;
                    // The moment at which a server stops answering is measured too; the time until it has settled after
                    // it answers again is not.
                    round(site, seconds).forEach((name, histogram) -> {
                        Measured measured = results.computeIfAbsent(name, absent -> new LinkedHashMap<>())
                                .computeIfAbsent(hanging, absent -> new Measured());
                        if (name.endsWith(FALLBACKS)) {
                            measured.fallbacks += histogram.getTotalCount();
                        } else {
                            measured.add(histogram);
                            System.err.printf(
                                    "%-45s %-35s p50 %5d p99 %5d max %5d%n",
                                    name,
                                    hanging.text,
                                    histogram.getValueAtPercentile(50),
                                    histogram.getValueAtPercentile(99),
                                    histogram.getMaxValue());
                        }
                    });
                    existing.hangs = false;
                    candidate.hangs = false;
                    round(site, SETTLE_SECONDS);
                }
            }
        } finally {
            executor.shutdownNow();
        }
        return table(results);
    }

    private static final String FALLBACKS = ", fallbacks";

    private void deploy(Site site, Node node, Server existing, Server candidate) throws Exception {
        Map<String, String> specs = new LinkedHashMap<>();
        specs.put(STEADY, modelOf("deployment.yaml", "existing"));
        specs.put(CANARY, modelOf("deployment.yaml", "existing"));
        specs.put(REMOTE, String.format(Locale.ROOT, "existing: {version: v1, scorer: %s}%n", existing.scorer()));
        Map<String, String> rollouts = new LinkedHashMap<>();
        rollouts.put(
                CANARY,
                modelOf("rollout.yaml", "candidate")
                        + "stages: [{kind: canary, share: 50%}]\nfallback: {breaker: none}\n");
        rollouts.put(
                REMOTE,
                String.format(
                        Locale.ROOT,
                        "candidate: {version: v2, scorer: %s}%nstages: [{kind: canary, share: 50%%}]%n"
                                + "fallback: {breaker: none}%n",
                        candidate.scorer()));
        try (CommandClient client = new CommandClient(
                site.topics(), site.registry(), site.settings().kafka())) {
            for (Map.Entry<String, String> spec : specs.entrySet()) {
                long version = send(client, spec.getKey(), RolloutVerb.DEPLOY, spec.getValue());
                String rollout = rollouts.get(spec.getKey());
                if (rollout != null) {
                    version = send(client, spec.getKey(), RolloutVerb.START, rollout);
                }
                node.awaitRouting(spec.getKey(), version, Duration.ofSeconds(30));
            }
        }
    }

    /** The block of a model in a file of the example. */
    private String modelOf(String file, String block) throws IOException {
        StringBuilder text = new StringBuilder();
        boolean within = false;
        for (String line : Files.readAllLines(example.resolve(file))) {
            within = line.startsWith(block + ":") || within && line.startsWith(" ");
            if (within) {
                text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    private static long send(CommandClient client, String deployment, RolloutVerb verb, String spec) throws Exception {
        RolloutEvent event = client.send(
                        RolloutCommand.newBuilder()
                                .setId(UUID.randomUUID().toString())
                                .setDeployment(deployment)
                                .setVerb(verb)
                                .setActor("benchmark")
                                .setSpec("deployment: " + deployment + "\n" + spec)
                                .setIssuedAt(Instant.now())
                                .build(),
                        Duration.ofSeconds(60))
                .orElseThrow();
        if (event.getType() == RolloutEventType.REJECTED) {
            throw new IllegalStateException(event.getReason());
        }
        return event.getStateVersion();
    }

    /** The latencies of the neighbours' answers over some seconds, by kind of request. */
    private Map<String, Histogram> round(Site site, int duration) throws Exception {
        int count = perSecond * duration;
        Map<String, Histogram> histograms = new TreeMap<>();
        Decoder<Prediction> decoder = site.registry().decoder(site.topics().predictions(), Prediction.class);
        try (KafkaConsumer<byte[], byte[]> consumer =
                        Latency.atEnd(site, site.topics().predictions());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(site.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
            Thread sending = new Thread(() -> sender.send(site, producer, count));
            sending.start();
            for (int received = 0; received < count; ) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    long now = System.currentTimeMillis();
                    received++;
                    Prediction prediction = decoder.decode(record.value());
                    if (prediction.getDeployment().equals(REMOTE)) {
                        continue;
                    }
                    boolean candidate = prediction.getArm() == Arm.CANDIDATE || prediction.getFallback();
                    String name = prediction.getDeployment()
                            + (prediction.getDeployment().equals(STEADY)
                                    ? ""
                                    : candidate ? ", candidate's share" : ", existing model's share");
                    record(histograms, name, now - prediction.getReceivedAt().toEpochMilli());
                    if (prediction.getFallback()) {
                        record(histograms, name + FALLBACKS, 0);
                    }
                }
            }
            sending.join();
        }
        return histograms;
    }

    private static void record(Map<String, Histogram> histograms, String name, long millis) {
        histograms.computeIfAbsent(name, absent -> new Histogram(MAX_MILLIS, 3)).recordValue(Math.max(0, millis));
    }

    private String table(Map<String, Map<Hanging, Measured>> results) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                """
                # Neighbours

                Written by `benchmarks/neighbours` on %d cores with Java %s.

                Three deployments share the router, the scorer and both lanes, with %d requests a second each: `%s` has
                an ONNX model, `%s` has an ONNX model and an ONNX candidate that serves half of the units, with the
                default deadline of 1 s, and `%s` has both its models on inference servers, with the default
                deadline of 1 s. These servers answer at once, or hang: they take calls and never answer.
                The table shows the other two deployments. Each number is the median of %d rounds of %d s. A round
                begins with the moment at which the server stops answering; the settings take turns. Latency is measured
                from the request's record until its answer is read with `read_committed`.

                | requests of | | p50 ms | p99 ms | p99 ratio | fallbacks |
                |---|---|---:|---:|---:|---:|
                """,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                perSecond / DEPLOYMENTS.size(),
                STEADY,
                CANARY,
                REMOTE,
                rounds,
                seconds));
        results.forEach((name, byHanging) -> {
            if (name.endsWith(FALLBACKS)) {
                return;
            }
            Measured undisturbed = byHanging.get(Hanging.NOTHING);
            if (undisturbed == null) {
                return;
            }
            double base = median(undisturbed.p99);
            byHanging.forEach((hanging, measured) -> text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.0f | %.0f | %.2f | %d |%n",
                    name,
                    hanging.text,
                    median(measured.p50),
                    median(measured.p99),
                    median(measured.p99) / base,
                    results.getOrDefault(name + FALLBACKS, Map.of()).getOrDefault(hanging, new Measured()).fallbacks)));
        });
        return text.toString();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** An inference server that answers at once or never. */
    private static final class Server implements AutoCloseable {

        private static final String METADATA =
                "{\"inputs\": [{\"name\": \"distance\", \"datatype\": \"FP64\", \"shape\": [-1, 1]}]}";
        private static final String ANSWER =
                "{\"outputs\": [{\"name\": \"p\", \"datatype\": \"FP64\", \"shape\": [1, 1], \"data\": [0.2]}]}";

        private final HttpServer server;
        private volatile boolean hangs;

        private Server(ExecutorService executor) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v2/models/delay", this::handle);
            server.setExecutor(executor);
            server.start();
        }

        private void handle(HttpExchange exchange) throws IOException {
            boolean infer = exchange.getRequestURI().getPath().endsWith("/infer");
            exchange.getRequestBody().readAllBytes();
            if (infer && hangs) {
                // Leaves the exchange open without an answer, which occupies no thread of the server.
                return;
            }
            byte[] bytes = (infer ? ANSWER : METADATA).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }

        private String scorer() {
            return String.format(
                    Locale.ROOT,
                    "{kind: open-inference, url: \"http://127.0.0.1:%d\", model: delay}",
                    server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}

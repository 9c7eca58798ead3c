package io.understudy.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.understudy.registry.Decoder;
import io.understudy.runtime.Node;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the latency of served answers at a steady rate, from the record of a request until a read-committed consumer
 * has its answer: without a rollout, and during rollouts of several good and bad candidates. The settings alternate,
 * round after round, so that noise on the machine affects all of them.
 */
final class Latency {

    private static final long NEVER = -1;
    private static final long MAX_MILLIS = 600_000;
    private final FlightSender sender;
    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final int perSecond;
    private final int seconds;
    private final int rounds;

    Latency(BrokerProcess broker, Path example, Path state, int perSecond, int seconds, int rounds) {
        this.broker = broker;
        this.example = example;
        this.state = state;
        this.perSecond = perSecond;
        this.sender = new FlightSender(perSecond, List.of(Site.DEPLOYMENT));
        this.seconds = seconds;
        this.rounds = rounds;
    }

    /**
     * Latencies over a round, milliseconds.
     *
     * @param p50 the median
     * @param p99 the 99th percentile
     */
    record Quantiles(double p50, double p99) {}

    /** The medians over all rounds, by setting. */
    Map<String, Quantiles> measure() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        HttpServer slow = server(executor, 200);
        HttpServer hung = server(executor, NEVER);
        Map<String, String> rollouts = new LinkedHashMap<>();
        rollouts.put("without a rollout", null);
        rollouts.put("shadowing the better candidate", Files.readString(example.resolve("rollout.yaml")));
        rollouts.put("half served by the better candidate", canary(example));
        rollouts.put(
                "half served by a candidate that hangs, deadline 250 ms", onServer(hung, "kind: canary, share: 50%"));
        rollouts.put("shadowing a candidate that takes 200 ms a record", onServer(slow, "kind: shadow"));
        rollouts.put("shadowing a candidate that hangs", onServer(hung, "kind: shadow"));
        Map<String, List<Quantiles>> all = new LinkedHashMap<>();
        try (Site site = new Site(broker, example, state)) {
            Node node = site.start("router,scorer,controller");
            site.command(RolloutVerb.DEPLOY, Files.readString(example.resolve("deployment.yaml")));
            round(site, 2 * seconds);
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<String, String> rollout : rollouts.entrySet()) {
                    if (rollout.getValue() != null) {
                        long version = site.command(RolloutVerb.START, rollout.getValue());
                        node.awaitRouting(Site.DEPLOYMENT, version, Duration.ofSeconds(30));
                    }
                    round(site, 2);
                    round(site, seconds).forEach((arm, quantiles) -> {
                        String name = rollout.getKey() + (arm == Arm.CANDIDATE ? ", the candidate's share" : "");
                        System.err.printf("%-60s p50 %4.0f ms, p99 %4.0f ms%n", name, quantiles.p50(), quantiles.p99());
                        all.computeIfAbsent(name, absent -> new ArrayList<>()).add(quantiles);
                    });
                    if (rollout.getValue() != null) {
                        site.command(RolloutVerb.ABORT, null);
                    }
                }
            }
        } finally {
            executor.shutdownNow();
            slow.stop(0);
            hung.stop(0);
        }
        Map<String, Quantiles> medians = new LinkedHashMap<>();
        all.forEach((name, quantiles) -> medians.put(
                name,
                new Quantiles(
                        median(quantiles.stream().map(Quantiles::p50).sorted().toList()),
                        median(quantiles.stream().map(Quantiles::p99).sorted().toList()))));
        return medians;
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    /** A canary without metrics that serves half of the units with the better candidate of the example. */
    static String canary(Path example) throws IOException {
        String rollout = Files.readString(example.resolve("rollout.yaml"));
        return rollout.substring(0, rollout.indexOf("unit:")) + "stages: [{kind: canary, share: 50%}]\n";
    }

    private static String onServer(HttpServer server, String stage) {
        return String.format(Locale.ROOT, """
                deployment: flight-delay
                candidate:
                  version: remote
                  scorer: {kind: open-inference, url: "http://127.0.0.1:%d", model: delay, deadline: 1s}
                stages: [{%s}]
                fallback: {deadline: 250ms, breaker: none}
                """, server.getAddress().getPort(), stage);
    }

    /** An inference server that takes {@code millis} for every answer, or never answers. */
    private static HttpServer server(ExecutorService executor, long millis) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String metadata = "{\"inputs\": [{\"name\": \"distance\", \"datatype\": \"FP64\", \"shape\": [-1, 1]}]}";
        String answer =
                "{\"outputs\": [{\"name\": \"p\", \"datatype\": \"FP64\", \"shape\": [1, 1], \"data\": [0.2]}]}";
        server.createContext("/v2/models/delay", exchange -> {
            boolean infer = exchange.getRequestURI().getPath().endsWith("/infer");
            try {
                if (infer) {
                    exchange.getRequestBody().readAllBytes();
                    if (millis == NEVER) {
                        // Leaves the exchange open without an answer, which occupies no thread of the server.
                        return;
                    }
                    TimeUnit.MILLISECONDS.sleep(millis);
                }
                byte[] bytes = (infer ? answer : metadata).getBytes(UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(bytes);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.setExecutor(executor);
        server.start();
        return server;
    }

    /** Sends requests at the steady rate and reads every answer. A fallback counts for the candidate. */
    private Map<Arm, Quantiles> round(Site site, int seconds) throws Exception {
        int count = perSecond * seconds;
        Map<Arm, Histogram> histograms = new EnumMap<>(Arm.class);
        Decoder<Prediction> decoder = site.registry().decoder(site.topics().predictions(), Prediction.class);
        try (KafkaConsumer<byte[], byte[]> consumer = atEnd(site, site.topics().predictions());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(site.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
            Thread sending = new Thread(() -> sender.send(site, producer, count));
            sending.start();
            int received = 0;
            while (received < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    long now = System.currentTimeMillis();
                    Prediction prediction = decoder.decode(record.value());
                    long millis = Math.max(0, now - prediction.getReceivedAt().toEpochMilli());
                    histograms
                            .computeIfAbsent(
                                    prediction.getFallback() ? Arm.CANDIDATE : prediction.getArm(),
                                    arm -> new Histogram(MAX_MILLIS, 3))
                            .recordValue(millis);
                    received++;
                }
            }
            sending.join();
        }
        Map<Arm, Quantiles> quantiles = new EnumMap<>(Arm.class);
        histograms.forEach((arm, histogram) -> quantiles.put(
                arm, new Quantiles(histogram.getValueAtPercentile(50), histogram.getValueAtPercentile(99))));
        return quantiles;
    }

    static KafkaConsumer<byte[], byte[]> atEnd(Site site, Topic topic) {
        Map<String, Object> configs = site.kafka();
        configs.put("isolation.level", "read_committed");
        configs.put("enable.auto.commit", false);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }
}

package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.understudy.access.Party;
import io.understudy.access.Permissions;
import io.understudy.control.CommandClient;
import io.understudy.control.ControlLog;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.metrics.ProcessMeters;
import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.OnnxFiles;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cluster with TLS, SCRAM and access control. Each party has a principal of its own, with the permissions of
 * {@link Permissions} and no others.
 */
class AccessControlIT {

    private static final String PREFIX = "secured.";
    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}
            unit: request
            window: 500ms
            metrics:
              - {name: error, kind: absolute-error, role: success, mde: 0.5}
            stages:
              - {kind: canary, share: 50%}
            fallback: {deadline: 20s}
            """;
    private static final Set<Party> ROLES = EnumSet.range(Party.ROUTER, Party.NOTIFIER);

    @TempDir
    private static Path directory;

    private static EmbeddedStack stack;
    private static Admin superuser;
    private static Registry registry;

    @BeforeAll
    static void startWithThePermissionsOfEachParty() throws Exception {
        stack = EmbeddedStack.withAccessControl();
        superuser = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
        stack.accessControl()
                .createUsers(
                        superuser,
                        Stream.of(Party.values()).map(AccessControlIT::user).toList());
        for (Party party : Party.values()) {
            grant(bindings(party));
        }
        registry = Registry.connect(stack.registryUrl(), Map.of(), Duration.ofMinutes(2));
        new Preflight(settings(Party.ADMINISTRATORS), registry).create();
    }

    @AfterAll
    static void stop() throws Exception {
        registry.close();
        superuser.close();
        stack.close();
    }

    private static String user(Party party) {
        return party.code().replace(' ', '-');
    }

    private static List<AclBinding> bindings(Party party) {
        return new Permissions(new Topics(PREFIX, 1 << 20))
                .of(party).stream()
                        .flatMap(permission -> permission.bindings("User:" + user(party)).stream())
                        .toList();
    }

    private static void grant(Collection<AclBinding> bindings) throws Exception {
        superuser.createAcls(bindings).all().get();
    }

    private static void revoke(AclBinding binding) throws Exception {
        superuser.deleteAcls(List.of(binding.toFilter())).all().get();
    }

    private static Settings settings(Party party, String... more) {
        Properties properties = new Properties();
        kafka(party).forEach((name, value) -> properties.setProperty("kafka." + name, value));
        properties.setProperty("registry.url", stack.registryUrl());
        properties.setProperty("prefix", PREFIX);
        properties.setProperty("topics.partitions", "2");
        properties.setProperty("console.port", "0");
        properties.setProperty("models.directory", directory.toString());
        properties.setProperty("state.directory", directory.resolve("state").toString());
        if (ROLES.contains(party)) {
            properties.setProperty("roles", party.code());
        }
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return SettingsReader.read(properties);
    }

    private static Map<String, String> kafka(Party party) {
        return stack.accessControl().client(user(party));
    }

    private static KafkaProducer<byte[], byte[]> producer(Party party) {
        return new KafkaProducer<>(new HashMap<>(kafka(party)), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Test
    void everyRoleWorksWithItsOwnPermissionsAlone() throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        Collection<String> notified = new ConcurrentLinkedQueue<>();
        HttpServer webhook = webhook(notified);
        List<Node> nodes = new ArrayList<>();
        try {
            for (Party role : ROLES) {
                Settings settings = settings(
                        role,
                        "outbound.hosts",
                        "*,localhost",
                        "notifier.cloudevents-urls",
                        "http://127.0.0.1:" + webhook.getAddress().getPort() + "/");
                assertThat(new Preflight(settings, registry).checkRoles().faults())
                        .isEmpty();
                Node node = new Node(settings, registry, new ProcessMeters(), InstantSource.system());
                nodes.add(node);
                node.start();
            }
            await("the roles")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> nodes.stream()
                            .allMatch(node -> node.readiness().stream().allMatch(check -> check.passes())));
            assertThat(command(RolloutVerb.DEPLOY, ShadowScenario.EXISTING)).isEqualTo(RolloutEventType.DEPLOYED);
            assertThat(command(RolloutVerb.START, ROLLOUT)).isEqualTo(RolloutEventType.STARTED);

            sendUntilPromoted();

            assertThat(nodes).allSatisfy(node -> assertThat(node.failure()).isEmpty());
            assertThat(answers()).isNotEmpty();
            await("a webhook").until(() -> notified.stream().anyMatch(event -> event.contains("PROMOTED")));
            await("the lags of the groups")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(metrics(nodes))
                            .contains("reader=\"router\"", "reader=\"evaluator\"", "reader=\"scorer-candidate\""));
        } finally {
            for (Node node : nodes) {
                node.close();
            }
            webhook.stop(0);
        }
    }

    private static HttpServer webhook(Collection<String> bodies) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static RolloutEventType command(RolloutVerb verb, String spec) throws Exception {
        Settings settings = settings(Party.OPERATORS);
        try (CommandClient client = new CommandClient(settings.topics(), registry, settings.kafka())) {
            RolloutEvent answer = client.send(
                            RolloutCommand.newBuilder()
                                    .setId(UUID.randomUUID().toString())
                                    .setDeployment("sums")
                                    .setVerb(verb)
                                    .setActor("test")
                                    .setSpec(spec)
                                    .setIssuedAt(Instant.now())
                                    .build(),
                            Duration.ofSeconds(60))
                    .orElseThrow();
            assertThat(answer.getType()).as(answer.getReason()).isNotEqualTo(RolloutEventType.REJECTED);
            return answer.getType();
        }
    }

    /** The candidate predicts x - y, which is what comes; the existing model predicts x + y. */
    private static void sendUntilPromoted() {
        Settings settings = settings(Party.OPERATORS);
        var topics = settings.topics();
        Encoder<PredictionRequest> requests = registry.encoder(topics.predictionRequests());
        Encoder<Outcome> outcomes = registry.encoder(topics.outcomes());
        int[] sent = new int[1];
        try (KafkaProducer<byte[], byte[]> upstream = producer(Party.UPSTREAM);
                KafkaProducer<byte[], byte[]> labels = producer(Party.OUTCOME_SOURCES);
                ControlLog log = new ControlLog(topics, registry, settings.kafka())) {
            await("PROMOTED")
                    .atMost(Duration.ofSeconds(180))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        for (int i = 0; i < 100; i++) {
                            int x = sent[0]++;
                            byte[] key = ("key-" + x).getBytes(UTF_8);
                            upstream.send(new ProducerRecord<>(
                                    topics.predictionRequests().name(),
                                    key,
                                    requests.encode(request("id-" + x, "sums", Map.of("x", (double) x, "y", 1.0)))));
                            labels.send(new ProducerRecord<>(
                                    topics.outcomes().name(),
                                    key,
                                    outcomes.encode(Outcome.newBuilder()
                                            .setRequestId("id-" + x)
                                            .setDeployment("sums")
                                            .setName("truth")
                                            .setValue(x - 1 + (x * 7919 % 1000) / 1000.0 - 0.5)
                                            .setObservedAt(Instant.now())
                                            .build())));
                        }
                        upstream.flush();
                        labels.flush();
                        return log.events("sums").stream()
                                .anyMatch(event -> event.getType() == RolloutEventType.PROMOTED);
                    });
        }
    }

    private static List<Prediction> answers() {
        var topics = settings(Party.DOWNSTREAM).topics();
        Decoder<Prediction> decoder = registry.decoder(topics.predictions(), Prediction.class);
        Map<String, Object> configs = new HashMap<>(kafka(Party.DOWNSTREAM));
        configs.put("group.id", "downstream-test");
        configs.put("auto.offset.reset", "earliest");
        List<Prediction> answers = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topics.predictions().name()));
            await("answers").until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> answers.add(decoder.decode(record.value())));
                return !answers.isEmpty();
            });
            consumer.commitSync();
        }
        return answers;
    }

    private static String metrics(List<Node> nodes) throws Exception {
        String console = nodes.stream()
                .flatMap(node -> node.consoleAddress().stream())
                .findFirst()
                .orElseThrow();
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(console.replaceFirst("#.*", "") + "metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @ParameterizedTest
    @EnumSource
    void noPartyWritesAnythingThatIsNotItsOwn(Party party) {
        var topics = settings(party).topics();
        List<Topic> own = new Permissions(topics).written(party);
        try (KafkaProducer<byte[], byte[]> producer = producer(party)) {
            assertThat(topics.all().stream().filter(topic -> !own.contains(topic)))
                    .hasSizeGreaterThan(4)
                    .allSatisfy(topic -> assertThatThrownBy(
                                    () -> producer.send(new ProducerRecord<>(topic.name(), new byte[0]))
                                            .get())
                            .as(topic.name())
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(AuthorizationException.class));
        }
        if (party == Party.UPSTREAM) {
            assertThat(own).containsExactly(topics.predictionRequests());
        }
        if (party == Party.SCORER) {
            assertThat(own).doesNotContain(topics.rolloutState(), topics.rolloutCommands(), topics.outcomes());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUTER", "SCORER", "CONTROLLER", "EVALUATOR", "CONSOLE", "NOTIFIER"})
    void aRoleSaysWhichPermissionItMisses(Party role) throws Exception {
        Settings settings = settings(role);
        // What may be read and written can only be asked of an internal topic that exists.
        NewTopic internal = new NewTopic(settings.topics().application(role.code()) + "-of-a-test", 1, (short) 1);
        superuser.createTopics(List.of(internal)).all().get();
        for (AclBinding binding : bindings(role)) {
            AclOperation operation = binding.entry().operation();
            if (operation == AclOperation.DESCRIBE || operation == AclOperation.DELETE) {
                continue; // the first is only for the lag; without the second, a topic grows and nothing fails
            }
            revoke(binding);
            try {
                assertThat(new Preflight(settings, registry).checkRoles().faults())
                        .as(binding.toString())
                        .anySatisfy(fault -> assertThat(fault)
                                .startsWith("User:" + user(role) + " may not ")
                                .contains("--operation " + name(operation))
                                .contains(" " + binding.pattern().name()));
            } finally {
                grant(List.of(binding));
            }
        }
    }

    private static String name(AclOperation operation) {
        StringBuilder name = new StringBuilder();
        for (String word : operation.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }

    @Test
    void anErrorOfAClientNamesTheTopicAndWhatIsNeeded() throws Exception {
        Settings settings = settings(Party.UPSTREAM);
        assertThatThrownBy(() -> new CommandClient(settings.topics(), registry, settings.kafka()))
                .satisfies(refused -> assertThat(
                                settings.permissions(Party.OPERATORS).explain(refused))
                        .hasValueSatisfying(text -> assertThat(text)
                                .startsWith("User:upstream is not authorized: ")
                                .contains("[secured.rollout-events]")
                                .endsWith("it needs Read on the topic secured.rollout-events")));
    }
}

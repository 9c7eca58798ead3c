package io.understudy.console;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.javalin.config.JavalinConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.http.Check;
import io.understudy.http.HttpServer;
import io.understudy.http.Monitored;
import io.understudy.metrics.Meters;
import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A console by real HTTP, on a view that the test fills; the broker is the one part that is not there. */
final class ConsoleFixture implements AutoCloseable {

    static final String TOKEN = "a-token-for-tests-only";
    private static final Duration IDLE = Duration.ofSeconds(3);

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    final ControlView view;
    final EventStream stream;
    final List<String> routes = new ArrayList<>();
    final List<RolloutCommand> commands = new CopyOnWriteArrayList<>();

    /** What the controller makes of a command. */
    volatile Function<RolloutCommand, RolloutEvent> controller = command -> event(command, RolloutEventType.PAUSED);

    final MeterRegistry meters = new SimpleMeterRegistry();

    private final HttpServer server;

    ConsoleFixture(int port, boolean loopback, int streamClients, InstantSource clock) {
        this(port, loopback, streamClients, clock, List.of());
    }

    ConsoleFixture(int port, boolean loopback, int streamClients, InstantSource clock, List<String> proxies) {
        Topics topics = new Topics("", 1024 * 1024);
        Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
        registry.register(topics);
        view = new ControlView(clock);
        CommandDesk desk = new CommandDesk(topics, registry, new Broker(registry, topics), view);
        view.addListener(desk);
        stream = new EventStream(view, streamClients);
        Access access = new Access(
                TOKEN,
                loopback,
                "127.0.0.1",
                new Proxies(proxies),
                new GuessLimit(clock),
                new ConsoleMeters(new Meters(meters, "console")));
        HttpServer.Limits limits = new HttpServer.Limits(streamClients, IDLE);
        server = HttpServer.start("console.port", "127.0.0.1", port, limits, Optional.empty(), config -> {
            Console.addRoutes(config, new Api(view, desk, stream, access), access, new FakeProcess());
            remember(config);
        });
    }

    int port() {
        return server.port();
    }

    private void remember(JavalinConfig config) {
        config.unsafe.internalRouter.allHttpHandlers().stream()
                .map(parsed -> parsed.endpoint)
                .filter(endpoint -> endpoint.method.isHttpMethod() && !endpoint.path.startsWith(Console.CHARTS))
                .forEach(endpoint -> routes.add(endpoint.method.name() + " " + endpoint.path));
    }

    /** Takes a command, and has the controller's answer at once. */
    private final class Broker extends MockProducer<byte[], byte[]> {
        private final Decoder<RolloutCommand> decoder;

        Broker(Registry registry, Topics topics) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.decoder = registry.decoder(topics.rolloutCommands(), RolloutCommand.class);
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            RolloutCommand command = decoder.decode(record.value());
            commands.add(command);
            Future<RecordMetadata> sent = super.send(record, callback);
            view.event(controller.apply(command));
            return sent;
        }
    }

    private record FakeProcess() implements Monitored {
        @Override
        public List<Check> health() {
            return List.of(new Check("router", true, "works"));
        }

        @Override
        public List<Check> roles() {
            return List.of(new Check("router", true, "RUNNING"));
        }

        @Override
        public List<Check> dependencies() {
            return List.of(new Check("broker", false, "out of reach"));
        }

        @Override
        public String metrics() {
            return "understudy_lag 1.0\n";
        }
    }

    /** An event that answers a command. */
    static RolloutEvent event(RolloutCommand command, RolloutEventType type) {
        return RolloutEvent.newBuilder()
                .setDeployment(command.getDeployment())
                .setType(type)
                .setActor(command.getActor())
                .setReason(command.getReason())
                .setCommandId(command.getId())
                .setVerb(command.getVerb())
                .setRollout("sums-v2-2")
                .setStage(0)
                .setStateVersion(3)
                .setAt(NOW)
                .build();
    }

    @Override
    public void close() {
        stream.close();
        server.close();
    }
}

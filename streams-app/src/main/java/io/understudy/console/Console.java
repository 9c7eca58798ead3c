package io.understudy.console;

import io.javalin.config.JavalinConfig;
import io.javalin.http.staticfiles.Location;
import io.understudy.http.HttpServer;
import io.understudy.http.Monitored;
import io.understudy.http.MonitoringRoutes;
import io.understudy.http.TlsFiles;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A web page and an API over the control topics of one installation. */
public final class Console implements AutoCloseable {

    private static final int FIRST_ERROR_STATUS = 400;

    /** Path of the chart library that the page uses. */
    static final String CHARTS = "/uplot/";

    private static final String PAGE = "/io/understudy/console/page";
    private static final long JOIN_MILLIS = 10_000;

    private final Address address;
    private final InstantSource clock;
    private final Monitored process;
    private final ControlView view;
    private final ControlFollower follower;
    private final KafkaProducer<byte[], byte[]> producer;
    private final CommandDesk desk;
    private final EventStream stream;
    private final ConsoleMeters meters;
    private final RolloutGauges gauges;
    private final Thread reader;
    private @Nullable HttpServer server;

    /**
     * The address of a console, and its limits.
     *
     * @param host address or name to listen on
     * @param port 0: any free port
     * @param loopback whether only this machine can reach the console
     * @param token token that a client must send
     * @param streamClients maximum number of clients that follow events at once
     * @param tls certificate and key with which it serves https; empty: http
     * @param proxies whose word is taken for where a request comes from
     */
    public record Address(
            String host,
            int port,
            boolean loopback,
            String token,
            int streamClients,
            Optional<TlsFiles> tls,
            Proxies proxies) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * Creates a console without starting it.
     *
     * @param consumer settings of a consumer that reads committed records and commits no offsets
     * @param producer settings of a producer
     * @param lag measures how far the readers of the topics are behind; closed with the console
     * @param meters meters of the console
     * @param process the process whose health and metrics the console serves
     */
    public Console(
            Address address,
            Topics topics,
            Registry registry,
            Map<String, Object> consumer,
            Map<String, Object> producer,
            LagProbe lag,
            Meters meters,
            Monitored process,
            InstantSource clock) {
        this.address = address;
        this.clock = clock;
        this.process = process;
        this.view = new ControlView(clock);
        this.follower = new ControlFollower(
                topics,
                registry,
                () -> new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                view);
        this.producer = new KafkaProducer<>(producer, new ByteArraySerializer(), new ByteArraySerializer());
        this.desk = new CommandDesk(topics, registry, this.producer, view);
        this.stream = new EventStream(view, address.streamClients());
        this.meters = new ConsoleMeters(meters);
        this.gauges = new RolloutGauges(view, lag, meters);
        this.meters.streamClients(stream::clients);
        this.reader = new Thread(follower, "console-control-topics");
    }

    /** Starts the server, and starts to read the topics. */
    public void start() {
        view.addListener(desk);
        Access access = new Access(
                address.token(), address.loopback(), address.host(), address.proxies(), new GuessLimit(clock), meters);
        HttpServer.Limits limits = new HttpServer.Limits(address.streamClients(), HttpServer.IDLE_TIMEOUT);
        server = HttpServer.start("console.port", address.host(), address.port(), limits, address.tls(), config -> {
            addRoutes(config, new Api(view, desk, stream, access), access, process);
            config.routes.after(context -> {
                if (context.statusCode() >= FIRST_ERROR_STATUS) {
                    meters.refused(context.statusCode());
                }
            });
        });
        reader.start();
        gauges.start();
    }

    /** Adds all routes of a console: the API, the page, and the health and metrics of its process. */
    static void addRoutes(JavalinConfig config, Api api, Access access, Monitored process) {
        config.staticFiles.add(PAGE, Location.CLASSPATH);
        Webjar charts = new Webjar("uplot");
        charts.serve(config.routes, CHARTS + "uPlot.esm.js", "dist/uPlot.esm.js", "text/javascript");
        charts.serve(config.routes, CHARTS + "uPlot.min.css", "dist/uPlot.min.css", "text/css");
        api.add(config.routes);
        config.routes.before(MonitoringRoutes.METRICS, access::checkRead);
        MonitoringRoutes.add(config.routes, process);
    }

    /** The URL of the page, for people. A console that listens on all addresses has a loopback URL. */
    public String url() {
        if (server == null) {
            throw new IllegalStateException("the console has not been started");
        }
        boolean allAddresses =
                address.host().equals("0.0.0.0") || address.host().equals("::");
        String host =
                allAddresses ? "localhost" : address.host().contains(":") ? "[" + address.host() + "]" : address.host();
        return (address.tls().isPresent() ? "https://" : "http://") + host + ":" + server.port() + "/";
    }

    /** Whether the console was started and its reader of the topics has ended. */
    public boolean hasStopped() {
        return reader.getState() == Thread.State.TERMINATED;
    }

    /** Whether the console has read the topics to their end and its data is up to date. */
    public boolean isFresh() {
        return !view.isStale();
    }

    @Override
    public void close() {
        stream.close();
        gauges.close();
        follower.close();
        if (server != null) {
            server.close();
        }
        try {
            reader.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}

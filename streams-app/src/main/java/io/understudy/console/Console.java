package io.understudy.console;

import io.javalin.config.JavalinConfig;
import io.javalin.http.staticfiles.Location;
import io.understudy.http.HttpServer;
import io.understudy.http.Monitored;
import io.understudy.http.MonitoringRoutes;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A page and an API over the control topics of one installation. */
public final class Console implements AutoCloseable {

    private static final int FIRST_REFUSAL = 400;
    /** Where the page's library of charts is. */
    static final String CHARTS = "/uplot/";

    private static final String PAGE = "/io/understudy/console/page";
    private static final long JOIN_MILLIS = 10_000;

    private final Address address;
    private final Monitored process;
    private final ControlView view;
    private final ControlFollower follower;
    private final KafkaProducer<byte[], byte[]> producer;
    private final CommandDesk desk;
    private final EventStream stream;
    private final ConsoleMeters meters;
    private final RolloutGauges gauges;
    private final Thread reading;
    private HttpServer server;

    /**
     * Where a console listens, and whom it trusts.
     *
     * @param port 0: any that is free
     * @param loopback whether only this machine can reach it
     * @param token what a client must show
     * @param streamClients most clients that follow events at once
     */
    public record Address(String host, int port, boolean loopback, String token, int streamClients) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * A console that is not started.
     *
     * @param consumer settings of a consumer of committed records that commits nothing
     * @param producer settings of a producer
     * @param lag asks how far the topics' readers are; closed with the console
     * @param meters the console's meters
     * @param process whose health and metrics it tells
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
        this.reading = new Thread(follower, "console-control-topics");
    }

    /** Listens, and reads what is on the topics meanwhile. */
    public void start() {
        view.listen(desk);
        Access access = new Access(address.token(), address.loopback(), address.host());
        server = HttpServer.start("console.port", address.host(), address.port(), address.streamClients(), config -> {
            addRoutes(config, new Api(view, desk, stream, access), access, process);
            config.routes.after(context -> {
                if (context.statusCode() >= FIRST_REFUSAL) {
                    meters.refused(context.statusCode());
                }
            });
        });
        reading.start();
        gauges.start();
    }

    /** Everything a console answers: the API, the page, and how its process is. */
    static void addRoutes(JavalinConfig config, Api api, Access access, Monitored process) {
        config.staticFiles.add(PAGE, Location.CLASSPATH);
        Webjar charts = new Webjar("uplot");
        charts.serve(config.routes, CHARTS + "uPlot.esm.js", "dist/uPlot.esm.js", "text/javascript");
        charts.serve(config.routes, CHARTS + "uPlot.min.css", "dist/uPlot.min.css", "text/css");
        api.add(config.routes);
        config.routes.before(MonitoringRoutes.METRICS, access::checkLook);
        MonitoringRoutes.add(config.routes, process);
    }

    /** The address of the page, for people; a loopback one when it listens everywhere. */
    public String url() {
        boolean everywhere = address.host().equals("0.0.0.0") || address.host().equals("::");
        String host =
                everywhere ? "localhost" : address.host().contains(":") ? "[" + address.host() + "]" : address.host();
        return "http://" + host + ":" + server.port() + "/";
    }

    /** Whether it was started, and has stopped reading by itself. */
    public boolean hasStopped() {
        return reading.getState() == Thread.State.TERMINATED;
    }

    /** Whether everything on the topics has been read and nothing shown is out of date. */
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
            reading.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}

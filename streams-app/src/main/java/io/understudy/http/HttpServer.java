package io.understudy.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.util.JavalinBindException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A server with limits on the size of a request, on its lowest data rate, and on the number of requests at once. */
public final class HttpServer implements AutoCloseable {

    /** Largest request body, bytes: several times the size of a command with the longest possible rollout. */
    public static final int MAX_BODY_BYTES = 256 * 1024;

    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int MIN_BYTES_PER_SECOND = 256;
    /** How long a connection may stay without any data sent or received in the middle of a request. */
    public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

    /** Threads for short requests; each long request needs one more. */
    private static final int THREADS = 24;

    private static final Map<String, String> HEADERS = Map.of(
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

    private final Javalin javalin;

    private HttpServer(Javalin javalin) {
        this.javalin = javalin;
    }

    /**
     * What a server accepts.
     *
     * @param longRequests number of requests without a time limit that it accepts at once
     * @param idleTimeout how long a connection may stay without any data sent or received in the middle of a request
     */
    public record Limits(int longRequests, Duration idleTimeout) {}

    /**
     * Starts a server.
     *
     * @param setting name of the setting that chose the port, for the message when the port is not available
     * @param port 0: any free port
     * @param tls certificate and key with which it serves https; empty: http
     * @param configuration adds the routes
     * @throws PortInUseException when the server cannot listen on the port
     */
    public static HttpServer start(
            String setting,
            String host,
            int port,
            Limits limits,
            Optional<TlsFiles> tls,
            Consumer<JavalinConfig> configuration) {
        Javalin javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.http.maxRequestSize = MAX_BODY_BYTES;
            config.http.prefer405over404 = true;
            config.jetty.threadPool = new QueuedThreadPool(THREADS + limits.longRequests(), 2);
            tls.ifPresent(
                    files -> config.jetty.addConnector((server, http) -> secure(server, http, files, host, port)));
            config.jetty.modifyHttpConfiguration(HttpServer::limit);
            config.jetty.modifyServer(server -> limit(server, limits.idleTimeout()));
            config.routes.before(context -> HEADERS.forEach(context::header));
            Problems.add(config.routes);
            configuration.accept(config);
        });
        try {
            return new HttpServer(javalin.start(host, port));
        } catch (JavalinBindException e) {
            throw new PortInUseException(setting + ": cannot listen on port " + port + " of " + host
                    + ", perhaps because another process uses it; set it to a free port, or to 0 for any free port");
        }
    }

    @SuppressWarnings("removal") // Jetty still applies the rate; its successor is MinimumDataRateHandler.
    private static void limit(HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setMinRequestDataRate(MIN_BYTES_PER_SECOND);
    }

    private static void limit(Server server, Duration idleTimeout) {
        server.setErrorHandler(new Problems.ServerErrors());
        server.setStopTimeout(0);
        server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarting(LifeCycle starting) {
                for (var connector : server.getConnectors()) {
                    if (connector instanceof AbstractConnector configurable) {
                        configurable.setIdleTimeout(idleTimeout.toMillis());
                    }
                }
            }
        });
    }

    private static ServerConnector secure(
            Server server, HttpConfiguration http, TlsFiles files, String host, int port) {
        SslContextFactory.Server context = new SslContextFactory.Server();
        context.setKeyStore(files.keyStore());
        context.setKeyStorePassword("");
        // Jetty would refuse every name that is not in the certificate; clients check that themselves.
        http.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector = new ServerConnector(server, context, new HttpConnectionFactory(http));
        connector.setHost(host);
        connector.setPort(port);
        return connector;
    }

    /** The port that the server listens on. */
    public int port() {
        return javalin.port();
    }

    @Override
    public void close() {
        javalin.stop();
    }
}

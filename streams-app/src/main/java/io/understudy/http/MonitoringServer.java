package io.understudy.http;

import java.util.Optional;

/**
 * Serves only health, readiness and metrics: for a process without a console, or for a network that must not reach the
 * console.
 */
public final class MonitoringServer implements AutoCloseable {

    private final HttpServer server;

    private MonitoringServer(HttpServer server) {
        this.server = server;
    }

    /** Starts the server; port 0: any free port. */
    public static MonitoringServer start(String host, int port, Monitored process) {
        return new MonitoringServer(HttpServer.start(
                "monitoring.port",
                host,
                port,
                new HttpServer.Limits(0, HttpServer.IDLE_TIMEOUT),
                Optional.empty(),
                config -> MonitoringRoutes.add(config.routes, process)));
    }

    /** The port that the server listens on. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}

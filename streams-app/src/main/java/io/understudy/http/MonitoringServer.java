package io.understudy.http;

/** Health, readiness and metrics alone, for a process without a console, or for a network that should see no more. */
public final class MonitoringServer implements AutoCloseable {

    private final HttpServer server;

    private MonitoringServer(HttpServer server) {
        this.server = server;
    }

    /** Starts the server; port 0: any that is free. */
    public static MonitoringServer start(String host, int port, Monitored process) {
        return new MonitoringServer(HttpServer.start(
                "monitoring.port", host, port, 0, config -> MonitoringRoutes.add(config.routes, process)));
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}

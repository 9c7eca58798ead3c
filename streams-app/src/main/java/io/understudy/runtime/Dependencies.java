package io.understudy.runtime;

import io.understudy.http.Check;
import io.understudy.registry.Registry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Checks the dependencies of a process every few seconds, so that a request for its readiness never has to wait. */
final class Dependencies implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofSeconds(3);
    private static final int TIMEOUT_MS = 3000;

    private final Settings settings;
    private final Registry registry;
    private final Admin admin;
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "dependencies");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Check broker = new Check("broker", false, "not checked yet");
    private volatile Check schemaRegistry = new Check("registry", false, "not checked yet");

    Dependencies(Settings settings, Registry registry) {
        this.settings = settings;
        this.registry = registry;
        Map<String, Object> configs = settings.clients();
        configs.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        configs.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        this.admin = Admin.create(configs);
    }

    void start() {
        scheduler.scheduleWithFixedDelay(() -> broker = checkBroker(), 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        scheduler.scheduleWithFixedDelay(
                () -> schemaRegistry = checkRegistry(), 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the results of the last checks. */
    List<Check> checks() {
        return List.of(broker, schemaRegistry);
    }

    private Check checkBroker() {
        try {
            int nodes = admin.describeCluster().nodes().get().size();
            return new Check("broker", nodes > 0, nodes + " brokers answer");
        } catch (ExecutionException e) {
            return new Check("broker", false, "not reachable: " + describe(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return broker;
        } catch (RuntimeException e) {
            return new Check("broker", false, "not reachable: " + e);
        }
    }

    private static String describe(ExecutionException e) {
        return e.getCause() == null ? e.toString() : String.valueOf(e.getCause().getMessage());
    }

    private Check checkRegistry() {
        return registry.trouble(settings.topics().rolloutState())
                .map(trouble -> new Check("registry", false, "not reachable: " + trouble))
                .orElseGet(() -> new Check("registry", true, "answers"));
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
        admin.close(Duration.ofSeconds(1));
    }
}

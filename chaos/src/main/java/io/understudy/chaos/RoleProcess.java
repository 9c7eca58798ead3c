package io.understudy.chaos;

import io.understudy.cli.Understudy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One role as a process of its own: {@code understudy run}. Not safe for several threads. */
final class RoleProcess {

    private static final long STOP_SECONDS = 60;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final String role;
    private final String instance;
    private final Map<String, String> settings;
    private final Path directory;
    private final List<String> options;
    private final int port;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PROBE_TIMEOUT).build();
    private Process process;
    private boolean meantToRun;
    private int restarts;

    /**
     * Creates a process that does not run yet.
     *
     * @param instance name of the instance, which may be that of another process
     * @param settings settings of the process besides its roles, instance and state
     * @param directory directory of the state and the log of this process
     * @param options options of the JVM
     */
    RoleProcess(String role, String instance, Map<String, String> settings, Path directory, List<String> options)
            throws IOException {
        this.role = role;
        this.instance = instance;
        this.settings = settings;
        this.directory = directory;
        this.options = options;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = socket.getLocalPort();
        }
    }

    String role() {
        return role;
    }

    String instance() {
        return instance;
    }

    Path state() {
        return directory.resolve("state");
    }

    Path log() {
        return directory.resolve("log");
    }

    void start() throws IOException {
        Files.createDirectories(state());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Understudy.class.getName(),
                "run",
                "--roles",
                role,
                "--set",
                "monitoring.port=" + port,
                "--set",
                "instance=" + instance,
                "--set",
                "state.directory=" + state()));
        new TreeMap<>(settings).forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        meantToRun = true;
    }

    /** Starts the process again if it has ended although nobody stopped it, as an orchestrator would. */
    boolean restartIfEnded() throws IOException {
        if (!meantToRun || process.isAlive()) {
            return false;
        }
        restarts++;
        start();
        return true;
    }

    /** The CPU time since the process started. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** How often the process has ended by itself. */
    int restarts() {
        return restarts;
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Whether the process says that it works. */
    boolean isReady() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ready"))
                .timeout(PROBE_TIMEOUT)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends the process as a crash would. */
    void kill() throws InterruptedException {
        meantToRun = false;
        process.destroyForcibly().waitFor();
    }

    /** Ends the process as a crash would, without waiting. */
    void killIfRunning() {
        meantToRun = false;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** Asks the process to stop, without waiting. */
    void requestStop() {
        meantToRun = false;
        process.destroy();
    }

    /** Waits until the process that was asked to stop has ended; false if it had to be killed. */
    boolean awaitStop() throws InterruptedException {
        if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            return true;
        }
        kill();
        return false;
    }

    void freeze() throws IOException, InterruptedException {
        Signal.STOP.send(process.toHandle());
    }

    void thaw() throws IOException, InterruptedException {
        Signal.CONT.send(process.toHandle());
    }
}

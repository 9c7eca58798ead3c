package io.understudy.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Apicurio Registry in a child process, which ends when this process ends. Its schemas are in a database file, so
 * schema ids survive a restart on the same directory.
 */
final class EmbeddedRegistry implements AutoCloseable {

    /**
     * System property with the directory of the registry's distribution. Default: the directory where the build
     * unpacked it.
     */
    static final String HOME_PROPERTY = "understudy.registry.home";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
    private static final long PROBE_INTERVAL_MILLIS = 50;
    private static final int CONNECT_TIMEOUT_MILLIS = 500;
    private static final int READ_TIMEOUT_MILLIS = 2000;
    private static final int OK = 200;

    private final Process process;
    private final int port;

    private EmbeddedRegistry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a registry that keeps its schemas in {@code directory} and listens on {@code port} of the loopback
     * interface.
     */
    static EmbeddedRegistry start(Path directory, int port) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path log = directory.resolve("registry.log");
        ProcessBuilder builder = new ProcessBuilder(command(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment()
                .put(
                        "REGISTRY_DATASOURCE_URL",
                        "jdbc:h2:file:" + directory.toAbsolutePath().resolve("registry") + ";WRITE_DELAY=0");
        EmbeddedRegistry registry = new EmbeddedRegistry(builder.start(), port);
        registry.awaitReady(log);
        return registry;
    }

    private static List<String> command(int port) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms32m",
                "-Xmx192m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=64m",
                "-Djava.net.preferIPv4Stack=true",
                // Upper and lower case differ in some languages.
                "-Duser.language=en",
                "-Duser.country=US",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.datasource.jdbc.initial-size=1",
                "-Dquarkus.datasource.jdbc.min-size=1",
                "-Dquarkus.datasource.jdbc.max-size=8",
                "-Dquarkus.banner.enabled=false",
                "-Dquarkus.log.level=WARN",
                "-Dquarkus.log.category.\"io.apicurio\".level=WARN",
                "-cp",
                runnerJar() + File.pathSeparator + ownLocation(),
                RegistryChild.class.getName(),
                "io.quarkus.runner.GeneratedMain");
    }

    private static Path runnerJar() {
        Path home = home();
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no registry in " + home));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot find the registry in " + home + "; build the project, or set " + HOME_PROPERTY, e);
        }
    }

    /** The build unpacks it beside our classes and beside our jar. */
    private static Path home() {
        String override = System.getProperty(HOME_PROPERTY);
        return override == null ? ownLocation().resolveSibling("registry") : Path.of(override);
    }

    private static Path ownLocation() {
        try {
            return Path.of(EmbeddedRegistry.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitReady(Path log) throws IOException, InterruptedException {
        long giveUpAt = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!isReady()) {
            if (process.waitFor(PROBE_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the registry ended with exit code " + process.exitValue() + ", see " + log);
            }
            if (System.nanoTime() > giveUpAt) {
                close();
                throw new IOException("the registry was not ready after " + START_TIMEOUT + ", see " + log);
            }
        }
    }

    private boolean isReady() {
        try {
            HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/health/ready")
                    .toURL()
                    .openConnection();
            connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
            connection.setReadTimeout(READ_TIMEOUT_MILLIS);
            return connection.getResponseCode() == OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** The base URL of the API that is compatible with Confluent's. */
    String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    int port() {
        return port;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}

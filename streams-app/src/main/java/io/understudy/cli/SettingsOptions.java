package io.understudy.cli;

import io.understudy.registry.Registry;
import io.understudy.runtime.Environment;
import io.understudy.runtime.SecretNames;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The settings of a command: from a file, from the environment, and from single options. Later sources override earlier
 * ones.
 */
public final class SettingsOptions {

    /** How long a command waits for the broker, and for the registry. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * How long a lookup waits for an unavailable registry. Less than the five minutes after which Kafka removes a
     * consumer from its group.
     */
    private static final Duration MAX_WAIT = Duration.ofMinutes(4);

    /** So many requests to a registry that does not answer are the time that a person waits. */
    private static final int REQUESTS_PER_WAIT = 2;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:UNDERSTUDY_CONFIG}",
            description = "Properties file with settings. Default: the file that UNDERSTUDY_CONFIG names.")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "A single setting, but not a secret. Overrides the environment (UNDERSTUDY_...), which overrides the file. "
                            + "May be repeated.")
    private Map<String, String> single = new LinkedHashMap<>();

    @Option(
            names = "--set-file",
            paramLabel = "NAME=FILE",
            description = "A single setting whose value is in a file, such as a password. May be repeated.")
    private Map<String, Path> singleFiles = new LinkedHashMap<>();

    /** Reads the settings. */
    public Settings settings() throws IOException {
        Properties properties = new Properties();
        if (config != null) {
            try (Reader reader = Files.newBufferedReader(config)) {
                properties.load(reader);
            }
        }
        properties.putAll(Environment.settings(System.getenv()));
        SettingsReader.refuseSecretsOnCommandLine(single.keySet());
        properties.putAll(single);
        singleFiles.forEach((name, file) -> properties.setProperty(name, SecretNames.fromFile(name, file)));
        return SettingsReader.read(properties);
    }

    /** The registry client for a command that a person waits for: it gives up after about {@code timeout}. */
    static Registry interactiveRegistry(Settings settings, Duration timeout) {
        Map<String, Object> configs = new HashMap<>(settings.registry());
        int millis = Math.toIntExact(Math.max(1, timeout.toMillis() / REQUESTS_PER_WAIT));
        configs.putIfAbsent("http.connect.timeout.ms", millis);
        configs.putIfAbsent("http.read.timeout.ms", millis);
        configs.putIfAbsent("max.retries", 0);
        return Registry.connect(settings.registryUrl(), configs, timeout.dividedBy(REQUESTS_PER_WAIT));
    }

    /** The registry client for a command that a person waits for. */
    public static Registry interactiveRegistry(Settings settings) {
        return interactiveRegistry(settings, TIMEOUT);
    }

    /** The registry client for a long-running process: it waits for minutes while the registry is unavailable. */
    public static Registry registry(Settings settings) {
        return Registry.connect(settings.registryUrl(), settings.registry(), MAX_WAIT);
    }

    void override(String name, String value) {
        single.put(name, value);
    }
}

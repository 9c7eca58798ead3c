package io.understudy.cli;

import io.understudy.registry.Registry;
import io.understudy.runtime.Environment;
import io.understudy.runtime.Settings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Option;

/** Where a command's settings come from: a file, the environment, and single ones given beside them; the later win. */
public final class SettingsOptions {

    /** How long a look-up waits for a registry out of reach; below the five minutes after which Kafka takes a consumer for dead. */
    private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(4);

    private static final Duration OPERATORS_PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:UNDERSTUDY_CONFIG}",
            description = "Settings as a properties file; default: the one that UNDERSTUDY_CONFIG names.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "A single setting; wins over the environment (UNDERSTUDY_...), which wins over the file. May be repeated.")
    private Map<String, String> single = new LinkedHashMap<>();

    /** The settings that were given. */
    public Settings settings() throws IOException {
        Properties properties = new Properties();
        if (config != null) {
            try (Reader reader = Files.newBufferedReader(config)) {
                properties.load(reader);
            }
        }
        properties.putAll(Environment.settings(System.getenv()));
        properties.putAll(single);
        return Settings.fromProperties(properties);
    }

    /** The registry for a command that somebody waits for. */
    public static Registry registryAtHand(Settings settings) {
        return Registry.connect(settings.registryUrl(), settings.registry(), OPERATORS_PATIENCE);
    }

    /** The registry for a process that stays: it waits for a registry out of reach. */
    public static Registry registry(Settings settings) {
        return Registry.connect(settings.registryUrl(), settings.registry(), REGISTRY_PATIENCE);
    }

    void override(String name, String value) {
        single.put(name, value);
    }
}

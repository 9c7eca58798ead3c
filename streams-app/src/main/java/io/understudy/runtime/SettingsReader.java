package io.understudy.runtime;

import io.understudy.scoring.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads {@link Settings} from properties, and notices the ones it was not asked for. */
final class SettingsReader {

    private static final String KAFKA = "kafka.";
    private static final String REGISTRY = "registry.";
    private static final int MEBIBYTE = 1024 * 1024;

    private final Map<String, String> left = new TreeMap<>();
    private final List<String> known = new ArrayList<>();

    private SettingsReader(Properties properties) {
        properties
                .stringPropertyNames()
                .forEach(name -> left.put(name, properties.getProperty(name).trim()));
    }

    static Settings read(Properties properties) {
        SettingsReader reader = new SettingsReader(properties);
        String registryUrl = reader.text("registry.url", "");
        Settings settings = new Settings(
                reader.passedOn(KAFKA),
                registryUrl,
                reader.passedOn(REGISTRY),
                reader.text("prefix", ""),
                reader.integer("topics.partitions", 6),
                Optional.of(reader.integer("topics.replication-factor", -1))
                        .filter(factor -> factor != -1)
                        .map(Integer::shortValue),
                reader.integer("requests.max-bytes", MEBIBYTE),
                reader.oneOrMore("roles", RoleName.class, RoleName::code),
                reader.text("instance", UUID.randomUUID().toString()),
                Path.of(reader.text("state.directory", System.getProperty("java.io.tmpdir") + "/understudy-state")),
                new Settings.RouterSettings(
                        reader.integer("router.threads", 1),
                        Duration.ofMillis(reader.integer("router.commit-interval-ms", 50))),
                new Settings.ScorerSettings(
                        reader.oneOrMore("scorer.lanes", Lane.class, Lane::code),
                        reader.integer("scorer.threads", 1),
                        reader.integer("scorer.max-batch", 1000),
                        Duration.ofMillis(reader.integer("scorer.linger-ms", 20)),
                        Path.of(reader.text("models.directory", ".")),
                        Duration.ofMillis(reader.integer("scorer.deadline-ms", 1000)),
                        reader.integer("scorer.requests-in-flight", 64)));
        reader.refuseUnknown();
        return settings;
    }

    private Map<String, String> passedOn(String prefix) {
        Map<String, String> settings = new LinkedHashMap<>();
        left.entrySet().removeIf(entry -> {
            boolean matches = entry.getKey().startsWith(prefix);
            if (matches) {
                settings.put(entry.getKey().substring(prefix.length()), entry.getValue());
            }
            return matches;
        });
        return settings;
    }

    private String text(String name, String otherwise) {
        known.add(name);
        String value = left.remove(name);
        return value == null ? otherwise : value;
    }

    private int integer(String name, int otherwise) {
        String text = text(name, Integer.toString(otherwise));
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidSettingsException(name + " is '" + text + "'; it must be a whole number");
        }
    }

    /** Some of an enum's values, comma-separated; all of them when nothing is said. */
    private <E extends Enum<E>> Set<E> oneOrMore(String name, Class<E> type, Function<E, String> code) {
        Set<E> all = EnumSet.allOf(type);
        String text = text(name, "");
        if (text.isEmpty()) {
            return all;
        }
        Set<E> chosen = EnumSet.noneOf(type);
        for (String word : text.split(",")) {
            chosen.add(all.stream()
                    .filter(value -> code.apply(value).equals(word.trim()))
                    .findFirst()
                    .orElseThrow(() -> new InvalidSettingsException(name + " has '" + word.trim() + "'; allowed: "
                            + Arrays.stream(type.getEnumConstants()).map(code).collect(Collectors.joining(", ")))));
        }
        return chosen;
    }

    private void refuseUnknown() {
        if (!left.isEmpty()) {
            throw new InvalidSettingsException("unknown setting " + String.join(", ", left.keySet()) + "; allowed: "
                    + String.join(", ", known) + ", and kafka.* and registry.* for their clients");
        }
    }
}

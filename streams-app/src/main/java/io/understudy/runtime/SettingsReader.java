package io.understudy.runtime;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads {@link Settings} from properties, and notices the ones it was not asked for. */
final class SettingsReader {

    private static final String KAFKA = "kafka.";
    private static final String REGISTRY = "registry.";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int MEBIBYTE = 1024 * 1024;

    private final Map<String, String> left = new TreeMap<>();
    private final List<Setting> known = new ArrayList<>();

    private SettingsReader(Properties properties) {
        properties
                .stringPropertyNames()
                .forEach(name -> left.put(name, properties.getProperty(name).trim()));
    }

    static Settings read(Properties properties) {
        return new SettingsReader(properties).read();
    }

    /** What can be set: reads an empty set of properties as far as it goes, and looks at what was asked for. */
    static List<Setting> reference() {
        Properties needed = new Properties();
        needed.setProperty(KAFKA + "bootstrap.servers", "localhost:9092");
        needed.setProperty("registry.url", "http://localhost:8081");
        SettingsReader reader = new SettingsReader(needed);
        reader.read();
        return List.copyOf(reader.known);
    }

    private Settings read() {
        String registryUrl = text("registry.url", "", "the schema registry's base URL, or several, comma-separated");
        Settings settings = new Settings(
                passedOn(KAFKA),
                registryUrl,
                passedOn(REGISTRY),
                text("prefix", "", "goes in front of every topic, application id, group id and transactional id"),
                integer("topics.partitions", 6, "partitions of the data topics that are created"),
                Optional.of(integer(
                                "topics.replication-factor",
                                -1,
                                "copies of the partitions that are created; -1: the cluster's default"))
                        .filter(factor -> factor != -1)
                        .map(Integer::shortValue),
                integer("requests.max-bytes", MEBIBYTE, "largest request, key and headers included, bytes"),
                oneOrMore("roles", EnumSet.allOf(RoleName.class), RoleName::code, "what this process does"),
                text(
                        "instance",
                        UUID.randomUUID().toString(),
                        "distinguishes processes; one that keeps its name over a restart ends its own open transactions at once"),
                Path.of(text(
                        "state.directory",
                        System.getProperty("java.io.tmpdir") + "/understudy-state",
                        "where Kafka Streams keeps local state")),
                new Settings.RouterSettings(
                        integer("router.threads", 1, "stream threads of the router"),
                        Duration.ofMillis(integer(
                                "router.commit-interval-ms",
                                50,
                                "how often the router's transaction ends, and so how long an answer may wait for it"))),
                new Settings.ScorerSettings(
                        oneOrMore(
                                "scorer.lanes", EnumSet.allOf(Lane.class), Lane::code, "the lanes this process serves"),
                        integer("scorer.threads", 1, "workers per lane"),
                        integer("scorer.max-batch", 1000, "most requests scored together"),
                        Duration.ofMillis(
                                integer(
                                        "scorer.linger-ms",
                                        20,
                                        "how long a worker waits for a fuller batch, and so how long an answer may wait for it")),
                        Path.of(text("models.directory", ".", "where ONNX files are; none outside it is read")),
                        Duration.ofMillis(integer(
                                "scorer.deadline-ms",
                                1000,
                                "longest time for a call to an inference server, when the model does not say")),
                        integer(
                                "scorer.requests-in-flight",
                                64,
                                "calls to one model on an inference server that may be under way at once")),
                new Settings.EvaluatorSettings(
                        integer("evaluator.threads", 1, "stream threads of the evaluator"),
                        Duration.ofMillis(integer(
                                "evaluator.commit-interval-ms",
                                500,
                                "how often the evaluator's counts are made durable when no window closes")),
                        Duration.ofMillis(
                                integer(
                                        "evaluator.silence-ms",
                                        1000,
                                        "how long a topic may bring nothing before the wall clock closes windows that wait for it")),
                        Duration.ofMillis(
                                integer(
                                        "evaluator.startup-ms",
                                        10_000,
                                        "how long after a start nothing counts as silence: what waits on the topics must come first")),
                        integer(
                                "evaluator.standby-replicas",
                                0,
                                "other evaluator processes that keep a copy of its state, to take over at once")),
                console(),
                new Settings.MonitoringSettings(
                        text(
                                "monitoring.host",
                                LOOPBACK,
                                "address of /health, /ready and /metrics; open to whoever reaches it"),
                        Optional.of(
                                        integer(
                                                "monitoring.port",
                                                -1,
                                                "port of /health, /ready and /metrics of a process of whatever roles; -1: none; 0: any"))
                                .filter(port -> port != -1)),
                notifier());
        refuseUnknown();
        return settings;
    }

    private Settings.ConsoleSettings console() {
        return new Settings.ConsoleSettings(
                text(
                        "console.host",
                        LOOPBACK,
                        "address of the page and the API; any other than a loopback one needs a token"),
                integer("console.port", 8080, "port of the page and the API; 0: any"),
                secret(
                        "console.token",
                        "what a client must show (Authorization: Bearer) to command, and to look where console.host is not a loopback address; none: a new one at each start"),
                integer("console.stream-clients", 100, "most clients that follow events at once"));
    }

    private Settings.NotifierSettings notifier() {
        return new Settings.NotifierSettings(
                urls("notifier.slack-urls", "webhooks that take Slack's JSON, comma-separated"),
                urls("notifier.cloudevents-urls", "webhooks that take CloudEvents 1.0, comma-separated"),
                secret("notifier.secret", "signs what is sent to webhooks; none: not signed"),
                oneOrMore(
                        "notifier.events",
                        EnumSet.complementOf(EnumSet.of(RolloutEventType.UNKNOWN)),
                        type -> type.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "the kinds of events that webhooks are told"),
                oneOrMore(
                        "notifier.codes",
                        EnumSet.allOf(ReasonCode.class),
                        ReasonCode::name,
                        "the codes of reasons that webhooks are told"),
                Duration.ofMillis(integer(
                        "notifier.give-up-after-ms",
                        3_600_000,
                        "how long an event is offered to a webhook that does not take it")));
    }

    /** A secret as it is, or in a file; both are too many. */
    private Optional<Secret> secret(String name, String meaning) {
        String value = text(name, "", meaning);
        String file = text(name + "-file", "", "a file that has " + name + ", instead of it");
        if (!value.isEmpty() && !file.isEmpty()) {
            throw new InvalidSettingsException(name + " and " + name + "-file are both set; one of them is enough");
        }
        if (!file.isEmpty()) {
            return Optional.of(Secret.in(name + "-file", Path.of(file)));
        }
        return value.isEmpty() ? Optional.empty() : Optional.of(Secret.of(name, value));
    }

    private List<URI> urls(String name, String meaning) {
        String text = text(name, "", meaning);
        try {
            return Arrays.stream(text.split(","))
                    .map(String::trim)
                    .filter(url -> !url.isEmpty())
                    .map(URI::create)
                    .toList();
        } catch (IllegalArgumentException e) {
            // A webhook's URL is a secret: it is not told again.
            throw new InvalidSettingsException(name + " has one that is no URL");
        }
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

    private String text(String name, String otherwise, String meaning) {
        known.add(new Setting(name, otherwise, meaning));
        String value = left.remove(name);
        return value == null ? otherwise : value;
    }

    private int integer(String name, int otherwise, String meaning) {
        String text = text(name, Integer.toString(otherwise), meaning);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidSettingsException(name + " is '" + text + "'; it must be a whole number");
        }
    }

    /** Some of an enum's values, comma-separated; all of them when nothing is said. */
    private <E extends Enum<E>> Set<E> oneOrMore(
            String name, EnumSet<E> all, Function<E, String> code, String meaning) {
        String everything = all.stream().map(code).collect(Collectors.joining(","));
        String text = text(name, everything, meaning);
        Set<E> chosen = new TreeSet<>();
        for (String word : text.split(",")) {
            chosen.add(all.stream()
                    .filter(value -> code.apply(value).equals(word.trim()))
                    .findFirst()
                    .orElseThrow(() -> new InvalidSettingsException(name + " has '" + word.trim() + "'; allowed: "
                            + all.stream().map(code).collect(Collectors.joining(", ")))));
        }
        return chosen;
    }

    private void refuseUnknown() {
        if (!left.isEmpty()) {
            throw new InvalidSettingsException("unknown setting " + String.join(", ", left.keySet()) + "; allowed: "
                    + known.stream().map(Setting::name).collect(Collectors.joining(", "))
                    + ", and kafka.* and registry.* for their clients");
        }
    }
}

package io.understudy.runtime;

import io.understudy.outbound.AllowedHosts;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import io.understudy.spec.SpecNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.types.Password;

/**
 * Reads {@link Settings} from properties. Passes on the settings of clients, and checks the others with
 * {@link SettingsTable}.
 */
public final class SettingsReader {

    private static final String KAFKA = "kafka.";
    private static final String REGISTRY = "registry.";
    private static final String REGISTRY_URL = "registry.url";

    private final Map<String, String> kafka = new LinkedHashMap<>();
    private final Map<String, String> registry = new LinkedHashMap<>();
    private final Map<String, Object> values;

    private SettingsReader(Properties properties) {
        Map<String, String> own = new TreeMap<>();
        for (String given : properties.stringPropertyNames()) {
            String name = given;
            String value = properties.getProperty(name).trim();
            if (isFileOfClient(name)) {
                String setting = name.substring(0, name.length() - SecretNames.FILE.length());
                if (properties.containsKey(setting)) {
                    throw new InvalidSettingsException(setting + " and " + name + " are both set; set one of them");
                }
                value = SecretNames.fromFile(name, Path.of(value));
                name = setting;
            }
            if (name.startsWith(KAFKA)) {
                kafka.put(name.substring(KAFKA.length()), value);
            } else if (name.startsWith(REGISTRY) && !name.equals(REGISTRY_URL)) {
                registry.put(name.substring(REGISTRY.length()), value);
            } else {
                own.put(name, value);
            }
        }
        this.values = SettingsTable.parse(own);
    }

    /** Kafka's and Confluent's own settings have no hyphen. */
    private static boolean isFileOfClient(String name) {
        return (name.startsWith(KAFKA) || name.startsWith(REGISTRY)) && name.endsWith(SecretNames.FILE);
    }

    /**
     * Reads settings. {@code kafka.*} and {@code registry.*} are passed on to the clients. Any other name must be in
     * the table. A setting {@code kafka.X-file} or {@code registry.X-file} names the file with the value of {@code X}.
     *
     * @throws InvalidSettingsException if a setting is unknown, missing or out of range
     */
    public static Settings read(Properties properties) {
        return new SettingsReader(properties).read();
    }

    private Settings read() {
        return new Settings(
                kafka,
                text(REGISTRY_URL),
                registry,
                text("prefix"),
                number("topics.partitions"),
                numberUnlessMinusOne("topics.replication-factor").map(Integer::shortValue),
                number("requests.max-bytes"),
                millis("requests.max-ahead-ms"),
                lanes(),
                chosen("roles", EnumSet.allOf(RoleName.class), RoleName::code),
                text("instance").isEmpty() ? UUID.randomUUID().toString() : text("instance"),
                Path.of(text("state.directory")),
                new AllowedHosts(texts(AllowedHosts.SETTING)),
                new Settings.RouterSettings(
                        number("router.threads"),
                        millis("router.commit-interval-ms"),
                        number("router.max-waiting-bytes")),
                new Settings.ScorerSettings(
                        scorerLanes(),
                        number("scorer.threads"),
                        number("scorer.max-batch"),
                        millis("scorer.patience-ms"),
                        millis("scorer.linger-ms"),
                        Path.of(text("models.directory")),
                        number("models.max-bytes"),
                        millis("scorer.deadline-ms"),
                        number("scorer.requests-in-flight"),
                        number("scorer.max-answer-bytes")),
                new Settings.ControllerSettings(
                        number("controller.inspections"),
                        millis("controller.inspection-timeout-ms"),
                        number("controller.inspection-max-mebibytes") * 1024L * 1024L),
                new Settings.EvaluatorSettings(
                        number("evaluator.threads"),
                        millis("evaluator.commit-interval-ms"),
                        millis("evaluator.silence-ms"),
                        millis("evaluator.startup-ms"),
                        number("evaluator.standby-replicas")),
                new Settings.ConsoleSettings(
                        text("console.host"),
                        number("console.port"),
                        secret("console.token"),
                        number("console.stream-clients"),
                        certificate("console.tls-certificate-file", "console.tls-key-file"),
                        texts("console.trusted-proxies")),
                new Settings.MonitoringSettings(
                        text("monitoring.host"),
                        numberUnlessMinusOne("monitoring.port"),
                        millis("monitoring.stuck-after-ms")),
                new Settings.NotifierSettings(
                        urls("notifier.slack-urls"),
                        urls("notifier.cloudevents-urls"),
                        secret("notifier.secret"),
                        chosen("notifier.events", EnumSet.allOf(RolloutEventType.class), SpecNode::name),
                        chosen("notifier.codes", EnumSet.allOf(ReasonCode.class), Enum::name),
                        millis("notifier.give-up-after-ms")));
    }

    private Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private Optional<Password> password(String name) {
        return Optional.ofNullable((Password) values.get(name));
    }

    private String text(String name) {
        return (String) value(name);
    }

    private int number(String name) {
        return (Integer) value(name);
    }

    private Optional<Integer> numberUnlessMinusOne(String name) {
        return Optional.of(number(name)).filter(value -> value != -1);
    }

    private Duration millis(String name) {
        return Duration.ofMillis(number(name));
    }

    private List<String> texts(String name) {
        return ((List<?>) value(name)).stream().map(String::valueOf).toList();
    }

    private <E extends Enum<E>> Set<E> chosen(String name, Set<E> all, Function<E, String> code) {
        List<?> codes = (List<?>) value(name);
        return all.stream()
                .filter(value -> codes.contains(code.apply(value)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> lanes() {
        return ((List<?>) value("lanes"))
                .stream().map(String::valueOf).distinct().toList();
    }

    /** The lanes that a scorer serves. Which there are depends on another setting. */
    private Set<Lane> scorerLanes() {
        Map<String, Lane> all = new LinkedHashMap<>();
        Lane.all(lanes()).forEach(lane -> all.put(lane.code(), lane));
        Set<Lane> chosen = new TreeSet<>();
        for (Object code : (List<?>) value("scorer.lanes")) {
            if (code.equals(SettingsTable.ALL_LANES)) {
                chosen.addAll(all.values());
            } else if (all.containsKey(code)) {
                chosen.add(all.get(code));
            } else {
                throw new InvalidSettingsException("scorer.lanes has '" + code + "'; allowed: "
                        + SettingsTable.ALL_LANES + ", " + String.join(", ", all.keySet()));
            }
        }
        if (chosen.isEmpty()) {
            throw new InvalidSettingsException("scorer.lanes is empty; allowed: " + SettingsTable.ALL_LANES + ", "
                    + String.join(", ", all.keySet()));
        }
        return chosen;
    }

    private Optional<Settings.CertificateFiles> certificate(String certificate, String key) {
        if (text(certificate).isEmpty() != text(key).isEmpty()) {
            throw new InvalidSettingsException(
                    "only one of " + certificate + " and " + key + " is set; set both for https, or neither");
        }
        return text(key).isEmpty()
                ? Optional.empty()
                : Optional.of(new Settings.CertificateFiles(Path.of(text(certificate)), Path.of(text(key))));
    }

    private List<URI> urls(String name) {
        return valueOrFile(name).map(SettingsTable::split).orElse(List.of()).stream()
                .map(URI::create)
                .toList();
    }

    private Optional<Secret> secret(String name) {
        return valueOrFile(name)
                .map(value -> Secret.of(
                        text(name + SecretNames.FILE).isEmpty() ? name : name + SecretNames.FILE, value.value()));
    }

    /** Reads a secret from its setting or from a file, but not both. */
    private Optional<Password> valueOrFile(String name) {
        Optional<Password> value = password(name).filter(text -> !text.value().isEmpty());
        String fileName = name + SecretNames.FILE;
        String file = text(fileName);
        if (file.isEmpty()) {
            return value;
        }
        if (value.isPresent()) {
            throw new InvalidSettingsException(name + " and " + fileName + " are both set; set one of them");
        }
        Password read = new Password(SecretNames.fromFile(fileName, Path.of(file)));
        SettingsTable.check(name, read);
        return Optional.of(read);
    }
}

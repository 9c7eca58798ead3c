package io.understudy.runtime;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import io.understudy.outbound.AllowedHosts;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.spec.SpecNode;
import java.net.URI;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * All settings with their defaults, allowed values and meanings. {@link SettingsReader} reads them. The settings
 * {@code kafka.*} and {@code registry.*} are passed on to their clients and are not in the table.
 */
public final class SettingsTable {

    /** The value of {@code scorer.lanes} for all lanes. */
    static final String ALL_LANES = "all";

    private static final int MEBIBYTE = 1024 * 1024;
    private static final int MINUTE_MILLIS = 60_000;
    private static final int HOUR_MILLIS = 3_600_000;
    private static final int MAX_PORT = 65_535;
    private static final String LOOPBACK = "127.0.0.1";
    private static final Set<RolloutEventType> EVENTS = EnumSet.complementOf(EnumSet.of(RolloutEventType.UNKNOWN));

    private static final ConfigDef TABLE = new ConfigDef()
            .define(
                    "registry.url",
                    STRING,
                    "",
                    addressesWithoutUser(),
                    HIGH,
                    "base URL of the schema registry, or several, comma-separated")
            .define(
                    "prefix",
                    STRING,
                    "",
                    matching("[A-Za-z0-9._-]{0,100}", "at most 100 letters, digits, '.', '_' or '-'"),
                    MEDIUM,
                    "prefix of every topic, application id, group id and transactional id")
            .define(
                    "topics.partitions",
                    INT,
                    6,
                    atLeast(1),
                    MEDIUM,
                    "number of partitions with which data topics are created")
            .define(
                    "topics.replication-factor",
                    INT,
                    -1,
                    between(-1, Short.MAX_VALUE, 0),
                    MEDIUM,
                    "number of replicas with which topics are created; -1: three where the cluster has three brokers or"
                            + " more, otherwise the default of the cluster; with three, two must have each record"
                            + " (min.insync.replicas)")
            .define(
                    "requests.max-bytes",
                    INT,
                    MEBIBYTE,
                    between(1024, 64 * MEBIBYTE),
                    MEDIUM,
                    "maximum size of a request with key and headers, bytes")
            .define(
                    "requests.max-ahead-ms",
                    INT,
                    MINUTE_MILLIS,
                    atLeast(0),
                    LOW,
                    "how far ahead of the router's clock the time of a request may be before it is counted and reported;"
                            + " a request counts for the time at which it is routed at the latest")
            .define(
                    "lanes",
                    LIST,
                    List.of(),
                    laneNames(),
                    MEDIUM,
                    "names of the lanes that a model may name besides the default ones, comma-separated, the same in every"
                            + " process; each has two topics")
            .define(
                    "roles",
                    LIST,
                    codes(EnumSet.allOf(RoleName.class), RoleName::code),
                    valuesOf(EnumSet.allOf(RoleName.class), RoleName::code),
                    HIGH,
                    "roles of this process")
            .define(
                    "instance",
                    STRING,
                    "",
                    null,
                    LOW,
                    "name that distinguishes processes; a process that keeps its name across a restart ends its own"
                            + " open transactions immediately; none: a random name")
            .define(
                    "state.directory",
                    STRING,
                    System.getProperty("java.io.tmpdir") + "/understudy-state",
                    null,
                    HIGH,
                    "directory of Kafka Streams' local state")
            .define("router.threads", INT, 1, atLeast(1), LOW, "number of stream threads of the router")
            .define(
                    "router.commit-interval-ms",
                    INT,
                    50,
                    atLeast(1),
                    LOW,
                    "how often the router commits its transaction; an answer may wait this long for the commit")
            .define(
                    "router.max-waiting-bytes",
                    INT,
                    128 * MEBIBYTE,
                    atLeast(MEBIBYTE),
                    LOW,
                    "maximum memory of the requests that wait for candidates in one process, estimated, bytes; beyond it,"
                            + " the existing models answer")
            .define(
                    "scorer.lanes",
                    LIST,
                    List.of(ALL_LANES),
                    null,
                    MEDIUM,
                    "lanes that this process serves: existing, candidate, and existing-NAME and candidate-NAME for each"
                            + " name in lanes; all: every lane")
            .define("scorer.threads", INT, 1, atLeast(1), LOW, "number of workers per lane")
            .define("scorer.max-batch", INT, 1000, atLeast(1), LOW, "maximum number of requests in a batch")
            .define(
                    "scorer.patience-ms",
                    INT,
                    2000,
                    atLeast(1),
                    LOW,
                    "how long a model that gets more requests than it answers may hold up the other models of its lane,"
                            + " before the requests that wait for it are answered TIMEOUT")
            .define(
                    "scorer.linger-ms",
                    INT,
                    20,
                    atLeast(1),
                    LOW,
                    "how long a worker waits for a fuller batch; an answer may be delayed by this time")
            .define(
                    "models.directory",
                    STRING,
                    ".",
                    null,
                    HIGH,
                    "directory of the ONNX files; files outside it are rejected")
            .define(
                    "models.max-bytes",
                    INT,
                    512 * MEBIBYTE,
                    atLeast(1),
                    LOW,
                    "maximum size of an ONNX file, bytes; the process needs three times as much memory to load it")
            .define(
                    AllowedHosts.SETTING,
                    LIST,
                    "*",
                    hosts(),
                    MEDIUM,
                    "hosts that URLs of models and webhooks may name: names, *.example.com, addresses, networks such as"
                            + " 10.0.0.0/8; localhost: this machine; *: every host, except this machine, link-local"
                            + " addresses and the cloud's service for credentials")
            .define(
                    "scorer.deadline-ms",
                    INT,
                    1000,
                    atLeast(1),
                    LOW,
                    "maximum time of a call to an inference server, for models without a deadline of their own")
            .define(
                    "scorer.requests-in-flight",
                    INT,
                    64,
                    atLeast(1),
                    LOW,
                    "maximum number of concurrent calls to one model on an inference server")
            .define(
                    "scorer.load-timeout-ms",
                    INT,
                    30_000,
                    atLeast(1),
                    LOW,
                    "how long a scorer that starts waits for its models before it reads a lane all the same; while"
                            + " another scorer serves all models of the lane, it waits without a limit")
            .define(
                    "controller.inspections",
                    INT,
                    8,
                    atLeast(1),
                    LOW,
                    "maximum number of models that the controller inspects at the same time")
            .define(
                    "controller.inspection-timeout-ms",
                    INT,
                    30_000,
                    atLeast(1),
                    LOW,
                    "maximum time of the inspection of a model; the command that names a model which takes longer is"
                            + " rejected")
            .define(
                    "controller.inspection-max-mebibytes",
                    INT,
                    4096,
                    atLeast(256),
                    LOW,
                    "maximum memory of the process in which an ONNX model is inspected, MiB; at most two of them run at"
                            + " a time")
            .define(
                    "scorer.max-answer-bytes",
                    INT,
                    MEBIBYTE,
                    between(1024, 64 * MEBIBYTE),
                    LOW,
                    "maximum length of an answer of an inference server, bytes")
            .define("evaluator.threads", INT, 1, atLeast(1), LOW, "number of stream threads of the evaluator")
            .define(
                    "evaluator.commit-interval-ms",
                    INT,
                    500,
                    atLeast(1),
                    LOW,
                    "how often the evaluator stores its counts durably when no window closes")
            .define(
                    "evaluator.silence-ms",
                    INT,
                    1000,
                    atLeast(100),
                    LOW,
                    "how long a topic may be silent before the wall clock closes the windows that wait for it")
            .define(
                    "evaluator.startup-ms",
                    INT,
                    10_000,
                    atLeast(0),
                    LOW,
                    "how long after a start no topic counts as silent, so that records that are already on the topics"
                            + " can be read first")
            .define(
                    "evaluator.standby-replicas",
                    INT,
                    1,
                    atLeast(0),
                    LOW,
                    "number of other evaluator processes, if there are others, that keep a copy of its state, so that"
                            + " they can take over immediately")
            .define(
                    "console.host",
                    STRING,
                    LOOPBACK,
                    null,
                    MEDIUM,
                    "address of the page and the API; an address that is not a loopback address requires a token")
            .define(
                    "console.port",
                    INT,
                    8080,
                    between(0, MAX_PORT),
                    MEDIUM,
                    "port of the page and the API; 0: any free port")
            .define(
                    "console.token",
                    PASSWORD,
                    null,
                    null,
                    MEDIUM,
                    "token that a client must send (Authorization: Bearer) with commands, and also to read if"
                            + " console.host is not a loopback address; none: a new token at each start")
            .define(
                    "console.token-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "file that contains the token, as an alternative to console.token")
            .define(
                    "console.tls-certificate-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "PEM file with the certificate for https, followed by those of the authorities between it and the"
                            + " root; none: the console serves http")
            .define(
                    "console.tls-key-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "PEM file with the certificate's private key, PKCS #8 without a password")
            .define(
                    "console.trusted-proxies",
                    LIST,
                    List.of(),
                    null,
                    LOW,
                    "addresses of proxies in front of the console, or ranges such as 10.0.0.0/8, whose X-Forwarded-For,"
                            + " X-Forwarded-Proto and X-Forwarded-Host are believed")
            .define(
                    "console.stream-clients",
                    INT,
                    100,
                    atLeast(1),
                    LOW,
                    "maximum number of clients that follow events at the same time")
            .define(
                    "monitoring.host",
                    STRING,
                    LOOPBACK,
                    null,
                    MEDIUM,
                    "address of /health, /ready and /metrics; everyone who can reach it can read them")
            .define(
                    "monitoring.port",
                    INT,
                    -1,
                    between(-1, MAX_PORT),
                    MEDIUM,
                    "port of /health, /ready and /metrics of a process with any roles; -1: none; 0: any free port")
            .define(
                    "monitoring.stuck-after-ms",
                    INT,
                    2 * MINUTE_MILLIS,
                    atLeast(1000),
                    LOW,
                    "how long a thread of a role may be in one batch or commit, or get no records although there are"
                            + " some, until the role is not ready")
            .define(
                    "notifier.slack-urls",
                    PASSWORD,
                    null,
                    webAddresses(),
                    MEDIUM,
                    "URLs of webhooks that accept Slack's JSON, comma-separated")
            .define(
                    "notifier.slack-urls-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "file that contains the URLs, as an alternative to notifier.slack-urls")
            .define(
                    "notifier.cloudevents-urls",
                    PASSWORD,
                    null,
                    webAddresses(),
                    MEDIUM,
                    "URLs of webhooks that accept CloudEvents 1.0, comma-separated")
            .define(
                    "notifier.cloudevents-urls-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "file that contains the URLs, as an alternative to notifier.cloudevents-urls")
            .define(
                    "notifier.secret",
                    PASSWORD,
                    null,
                    null,
                    MEDIUM,
                    "key that signs the events for webhooks; none: events are not signed")
            .define(
                    "notifier.secret-file",
                    STRING,
                    "",
                    null,
                    MEDIUM,
                    "file that contains the key, as an alternative to notifier.secret")
            .define(
                    "notifier.events",
                    LIST,
                    codes(EVENTS, SpecNode::name),
                    valuesOf(EVENTS, SpecNode::name),
                    LOW,
                    "types of the events that are sent to webhooks")
            .define(
                    "notifier.codes",
                    LIST,
                    codes(EnumSet.allOf(ReasonCode.class), Enum::name),
                    valuesOf(EnumSet.allOf(ReasonCode.class), Enum::name),
                    LOW,
                    "reason codes of the events that are sent to webhooks")
            .define(
                    "notifier.give-up-after-ms",
                    INT,
                    HOUR_MILLIS,
                    atLeast(1),
                    LOW,
                    "how long the notifier tries to deliver an event to a webhook that does not accept it");

    private SettingsTable() {}

    /**
     * Returns the values in {@code properties}, and the defaults of all other settings.
     *
     * @throws InvalidSettingsException if a setting is unknown, missing or out of range
     */
    static Map<String, Object> parse(Map<String, String> properties) {
        Set<String> unknown = new TreeSet<>(properties.keySet());
        unknown.removeAll(TABLE.names());
        if (!unknown.isEmpty()) {
            throw new InvalidSettingsException("unknown setting " + String.join(", ", unknown) + "; allowed: "
                    + String.join(", ", TABLE.configKeys().keySet())
                    + ", and kafka.* and registry.* for their clients");
        }
        TABLE.configKeys().values().stream()
                .filter(key -> key.type == INT && properties.containsKey(key.name))
                .forEach(key -> requireNumber(key.name, properties.get(key.name)));
        try {
            return TABLE.parse(new TreeMap<>(properties));
        } catch (ConfigException e) {
            throw new InvalidSettingsException(e.getMessage());
        }
    }

    /** Kafka's own message names neither the setting first nor what is allowed. */
    private static void requireNumber(String name, @Nullable String value) {
        try {
            ConfigDef.parseType(name, value, INT);
        } catch (ConfigException e) {
            throw new InvalidSettingsException(name + " is '" + value + "'; it must be a whole number");
        }
    }

    /** Returns all settings, in the order of the table. */
    public static List<Setting> reference() {
        return TABLE.configKeys().values().stream()
                .map(key -> new Setting(key.name, defaultText(key), key.documentation))
                .toList();
    }

    private static String defaultText(ConfigDef.ConfigKey key) {
        if (!key.hasDefault() || key.defaultValue == null) {
            return "";
        }
        return key.defaultValue instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(key.defaultValue);
    }

    private static <E extends Enum<E>> List<String> codes(Set<E> values, Function<E, String> code) {
        return values.stream().map(code).toList();
    }

    private static Validator atLeast(int minimum) {
        return (name, value) -> check((Integer) value >= minimum, name, value, "at least " + minimum);
    }

    private static Validator between(int minimum, int maximum, int... except) {
        String allowed = minimum + " to " + maximum
                + Arrays.stream(except)
                        .mapToObj(excluded -> ", but not " + excluded)
                        .collect(Collectors.joining());
        return (name, value) -> check(
                (Integer) value >= minimum
                        && (Integer) value <= maximum
                        && Arrays.stream(except).noneMatch(excluded -> excluded == (Integer) value),
                name,
                value,
                allowed);
    }

    private static Validator matching(String pattern, String allowed) {
        return (name, value) -> check(((String) value).matches(pattern), name, "'" + value + "'", allowed);
    }

    private static void check(boolean valid, String name, Object value, String allowed) {
        if (!valid) {
            throw new ConfigException(name + " is " + value + "; it must be " + allowed);
        }
    }

    /** Allows one or more values of an enum, comma-separated. */
    private static <E extends Enum<E>> Validator valuesOf(Set<E> values, Function<E, String> code) {
        List<String> allowed = codes(values, code);
        return (name, value) -> {
            List<?> chosen = (List<?>) value;
            if (chosen.isEmpty()) {
                throw new ConfigException(name + " is empty; allowed: " + String.join(", ", allowed));
            }
            for (Object entry : chosen) {
                if (!allowed.contains(entry)) {
                    throw new ConfigException(name + " has '" + entry + "'; allowed: " + String.join(", ", allowed));
                }
            }
        };
    }

    private static Validator laneNames() {
        return (name, value) -> {
            for (Object entry : (List<?>) value) {
                if (!String.valueOf(entry).matches("[a-z0-9][a-z0-9-]{0,39}")) {
                    throw new ConfigException(name + " has '" + entry
                            + "'; a name must be 1 to 40 lower-case letters, digits or '-', beginning with a letter or"
                            + " digit");
                }
            }
        };
    }

    private static Validator hosts() {
        return (name, value) -> {
            List<String> entries =
                    ((List<?>) value).stream().map(String::valueOf).toList();
            if (entries.isEmpty()) {
                throw new ConfigException(name + " is empty; * allows every host that is not special");
            }
            try {
                new AllowedHosts(entries);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(name + ": " + e.getMessage());
            }
        };
    }

    /**
     * Checks a value that was read from a file.
     *
     * @throws InvalidSettingsException if the setting {@code name} may not have it
     */
    static void check(String name, Object value) {
        Validator validator = Objects.requireNonNull(TABLE.configKeys().get(name)).validator;
        try {
            if (validator != null) {
                validator.ensureValid(name, value);
            }
        } catch (ConfigException e) {
            throw new InvalidSettingsException(e.getMessage());
        }
    }

    /** Splits a comma-separated list that must not be shown. */
    static List<String> split(Password list) {
        return Arrays.stream(list.value().split(","))
                .map(String::trim)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Checks the URLs of webhooks. They are secrets, so a message never repeats them. */
    private static Validator webAddresses() {
        return (name, value) -> {
            if (value != null && !split((Password) value).stream().allMatch(SettingsTable::isWebAddress)) {
                throw new ConfigException(name + " has an entry that is not an http or https URL");
            }
        };
    }

    /** Clients log the URL of the registry, so that it must not have a secret. The message does not repeat it. */
    private static Validator addressesWithoutUser() {
        return (name, value) -> {
            if (Arrays.stream(((String) value).split(",")).anyMatch(SettingsTable::hasUser)) {
                throw new ConfigException(
                        name + " has a user or a password; set"
                                + " registry.basic.auth.credentials.source=USER_INFO and registry.basic.auth.user.info instead");
            }
        };
    }

    private static boolean hasUser(String url) {
        int host = url.indexOf("://");
        return host >= 0 && url.substring(host + 3).split("/", 2)[0].contains("@");
    }

    private static boolean isWebAddress(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

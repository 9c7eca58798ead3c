package io.understudy.runtime;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import io.understudy.spec.SpecNode;
import java.net.URI;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * Every setting, with its default, what is allowed, and its meaning. {@link SettingsReader} makes values of them;
 * {@code kafka.*} and {@code registry.*} are passed on to their clients and are not here.
 */
public final class SettingsTable {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final int HOUR_MILLIS = 3_600_000;
    private static final int LARGEST_PORT = 65_535;
    private static final String LOOPBACK = "127.0.0.1";
    private static final Set<RolloutEventType> EVENTS = EnumSet.complementOf(EnumSet.of(RolloutEventType.UNKNOWN));

    private static final ConfigDef TABLE = new ConfigDef()
            .define(
                    "registry.url",
                    STRING,
                    "",
                    null,
                    HIGH,
                    "the schema registry's base URL, or several, comma-separated")
            .define(
                    "prefix",
                    STRING,
                    "",
                    matching("[A-Za-z0-9._-]{0,100}", "at most 100 letters, digits, '.', '_' or '-'"),
                    MEDIUM,
                    "the prefix of every topic, application id, group id and transactional id")
            .define("topics.partitions", INT, 6, atLeast(1), MEDIUM, "partitions of the data topics that are created")
            .define(
                    "topics.replication-factor",
                    INT,
                    -1,
                    between(-1, Short.MAX_VALUE, 0),
                    MEDIUM,
                    "copies of the partitions that are created; -1: the cluster's default")
            .define(
                    "requests.max-bytes",
                    INT,
                    MEBIBYTE,
                    between(1024, 64 * MEBIBYTE),
                    MEDIUM,
                    "largest request, key and headers included, bytes")
            .define(
                    "roles",
                    LIST,
                    codes(EnumSet.allOf(RoleName.class), RoleName::code),
                    someOf(EnumSet.allOf(RoleName.class), RoleName::code),
                    HIGH,
                    "the roles of this process")
            .define(
                    "instance",
                    STRING,
                    "",
                    null,
                    LOW,
                    "distinguishes processes; a process that keeps its name over a restart ends its own open transactions at once; none: a random name")
            .define(
                    "state.directory",
                    STRING,
                    System.getProperty("java.io.tmpdir") + "/understudy-state",
                    null,
                    HIGH,
                    "where Kafka Streams keeps local state")
            .define("router.threads", INT, 1, atLeast(1), LOW, "stream threads of the router")
            .define(
                    "router.commit-interval-ms",
                    INT,
                    50,
                    atLeast(1),
                    LOW,
                    "how often the router's transaction ends; an answer may wait this long for it")
            .define(
                    "scorer.lanes",
                    LIST,
                    codes(EnumSet.allOf(Lane.class), Lane::code),
                    someOf(EnumSet.allOf(Lane.class), Lane::code),
                    MEDIUM,
                    "the lanes that this process serves")
            .define("scorer.threads", INT, 1, atLeast(1), LOW, "workers per lane")
            .define("scorer.max-batch", INT, 1000, atLeast(1), LOW, "the most requests that are scored together")
            .define(
                    "scorer.linger-ms",
                    INT,
                    20,
                    atLeast(1),
                    LOW,
                    "how long a worker waits for a fuller batch; an answer may wait this long for it")
            .define(
                    "models.directory",
                    STRING,
                    ".",
                    null,
                    HIGH,
                    "the directory of the ONNX files; files outside it are refused")
            .define(
                    "scorer.deadline-ms",
                    INT,
                    1000,
                    atLeast(1),
                    LOW,
                    "longest time for a call to an inference server, for models that do not say")
            .define(
                    "scorer.requests-in-flight",
                    INT,
                    64,
                    atLeast(1),
                    LOW,
                    "the most calls to one model on an inference server that are under way at once")
            .define("evaluator.threads", INT, 1, atLeast(1), LOW, "stream threads of the evaluator")
            .define(
                    "evaluator.commit-interval-ms",
                    INT,
                    500,
                    atLeast(1),
                    LOW,
                    "how often the evaluator's counts are made durable when no window closes")
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
                    "how long after a start no topic counts as silent, so that waiting records are read first")
            .define(
                    "evaluator.standby-replicas",
                    INT,
                    0,
                    atLeast(0),
                    LOW,
                    "other evaluator processes that keep a copy of its state, to take over at once")
            .define(
                    "console.host",
                    STRING,
                    LOOPBACK,
                    null,
                    MEDIUM,
                    "address of the page and the API; an address that is not a loopback address needs a token")
            .define("console.port", INT, 8080, between(0, LARGEST_PORT), MEDIUM, "port of the page and the API; 0: any")
            .define(
                    "console.token",
                    PASSWORD,
                    null,
                    null,
                    MEDIUM,
                    "the token that a client must show (Authorization: Bearer) to command, and to look where console.host is not a loopback address; none: a new token at each start")
            .define("console.token-file", STRING, "", null, MEDIUM, "a file that has console.token, instead of it")
            .define("console.stream-clients", INT, 100, atLeast(1), LOW, "the most clients that follow events at once")
            .define(
                    "monitoring.host",
                    STRING,
                    LOOPBACK,
                    null,
                    MEDIUM,
                    "address of /health, /ready and /metrics; open to everyone who reaches it")
            .define(
                    "monitoring.port",
                    INT,
                    -1,
                    between(-1, LARGEST_PORT),
                    MEDIUM,
                    "port of /health, /ready and /metrics of a process with any roles; -1: none; 0: any")
            .define(
                    "notifier.slack-urls",
                    PASSWORD,
                    null,
                    webAddresses(),
                    MEDIUM,
                    "webhooks that take Slack's JSON, comma-separated")
            .define(
                    "notifier.cloudevents-urls",
                    PASSWORD,
                    null,
                    webAddresses(),
                    MEDIUM,
                    "webhooks that take CloudEvents 1.0, comma-separated")
            .define(
                    "notifier.secret",
                    PASSWORD,
                    null,
                    null,
                    MEDIUM,
                    "signs the events that are sent to webhooks; none: not signed")
            .define("notifier.secret-file", STRING, "", null, MEDIUM, "a file that has notifier.secret, instead of it")
            .define(
                    "notifier.events",
                    LIST,
                    codes(EVENTS, SpecNode::name),
                    someOf(EVENTS, SpecNode::name),
                    LOW,
                    "the kinds of events that are sent to webhooks")
            .define(
                    "notifier.codes",
                    LIST,
                    codes(EnumSet.allOf(ReasonCode.class), Enum::name),
                    someOf(EnumSet.allOf(ReasonCode.class), Enum::name),
                    LOW,
                    "the reason codes of events that are sent to webhooks")
            .define(
                    "notifier.give-up-after-ms",
                    INT,
                    HOUR_MILLIS,
                    atLeast(1),
                    LOW,
                    "how long an event is offered to a webhook that does not take it");

    private SettingsTable() {}

    /**
     * The values of {@code properties} and the defaults of the others.
     *
     * @throws InvalidSettingsException when one is unknown, missing or out of range
     */
    static Map<String, Object> parse(Map<String, String> properties) {
        Set<String> unknown = new TreeSet<>(properties.keySet());
        unknown.removeAll(TABLE.names());
        if (!unknown.isEmpty()) {
            throw new InvalidSettingsException("unknown setting " + String.join(", ", unknown) + "; allowed: "
                    + String.join(", ", TABLE.configKeys().keySet())
                    + ", and kafka.* and registry.* for their clients");
        }
        try {
            return TABLE.parse(new TreeMap<>(properties));
        } catch (ConfigException e) {
            throw new InvalidSettingsException(e.getMessage());
        }
    }

    /** Every setting, in the order of the table. */
    public static List<Setting> reference() {
        return TABLE.configKeys().values().stream()
                .map(key -> new Setting(key.name, text(key), key.documentation))
                .toList();
    }

    private static String text(ConfigDef.ConfigKey key) {
        if (key.defaultValue == null) {
            return "";
        }
        return key.defaultValue instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(key.defaultValue);
    }

    private static <E extends Enum<E>> List<String> codes(Set<E> values, Function<E, String> code) {
        return values.stream().map(code).toList();
    }

    private static Validator atLeast(int least) {
        return (name, value) -> check((Integer) value >= least, name, value, "at least " + least);
    }

    private static Validator between(int least, int most, int... except) {
        String allowed = least + " to " + most
                + Arrays.stream(except).mapToObj(one -> ", but not " + one).collect(Collectors.joining());
        return (name, value) -> check(
                (Integer) value >= least
                        && (Integer) value <= most
                        && Arrays.stream(except).noneMatch(one -> one == (Integer) value),
                name,
                value,
                allowed);
    }

    private static Validator matching(String pattern, String allowed) {
        return (name, value) -> check(((String) value).matches(pattern), name, "'" + value + "'", allowed);
    }

    private static void check(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new ConfigException(name + " is " + value + "; it must be " + allowed);
        }
    }

    /** Some of an enum's values, comma-separated. */
    private static <E extends Enum<E>> Validator someOf(Set<E> values, Function<E, String> code) {
        List<String> allowed = codes(values, code);
        return (name, value) -> {
            List<?> chosen = (List<?>) value;
            if (chosen.isEmpty()) {
                throw new ConfigException(name + " is empty; allowed: " + String.join(", ", allowed));
            }
            for (Object one : chosen) {
                if (!allowed.contains(one)) {
                    throw new ConfigException(name + " has '" + one + "'; allowed: " + String.join(", ", allowed));
                }
            }
        };
    }

    /** The entries of a comma-separated list that must not be shown; none when it is not set. */
    static List<String> split(Password list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.value().split(","))
                        .map(String::trim)
                        .filter(entry -> !entry.isEmpty())
                        .toList();
    }

    /** A webhook's URL is a secret, so a message never repeats it. */
    private static Validator webAddresses() {
        return (name, value) -> {
            for (String url : split((Password) value)) {
                if (!isWebAddress(url)) {
                    throw new ConfigException(name + " has an entry that is not an http or https URL");
                }
            }
        };
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

package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.outbound.AllowedHosts;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    @Test
    void hasDefaults() {
        Settings settings = read();
        assertThat(settings.kafka()).isEqualTo(Map.of("bootstrap.servers", "localhost:9092"));
        assertThat(settings.registryUrl()).isEqualTo("http://localhost:8081");
        assertThat(settings.registry()).isEmpty();
        assertThat(settings.prefix()).isEmpty();
        assertThat(settings.dataPartitions()).isEqualTo(6);
        assertThat(settings.replicationFactor()).isEmpty();
        assertThat(settings.maxRequestBytes()).isEqualTo(1024 * 1024);
        assertThat(settings.maxRequestAhead()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.roles())
                .containsExactly(
                        RoleName.ROUTER,
                        RoleName.SCORER,
                        RoleName.CONTROLLER,
                        RoleName.EVALUATOR,
                        RoleName.CONSOLE,
                        RoleName.NOTIFIER);
        assertThat(settings.instance()).isNotBlank();
        assertThat(settings.stateDirectory()).isAbsolute();
        assertThat(settings.router())
                .isEqualTo(new Settings.RouterSettings(1, Duration.ofMillis(50), 128 * 1024 * 1024));
        assertThat(settings.scorer())
                .isEqualTo(new Settings.ScorerSettings(
                        Set.of(Lane.EXISTING, Lane.CANDIDATE),
                        1,
                        1000,
                        Duration.ofSeconds(2),
                        Duration.ofMillis(20),
                        Path.of("."),
                        512 * 1024 * 1024,
                        Duration.ofSeconds(1),
                        64,
                        1024 * 1024,
                        Duration.ofSeconds(30)));
        assertThat(settings.controller())
                .isEqualTo(new Settings.ControllerSettings(8, Duration.ofSeconds(30), 4096L * 1024 * 1024));
        assertThat(settings.outboundHosts()).isEqualTo(new AllowedHosts(List.of("*")));
        assertThat(settings.evaluator())
                .isEqualTo(new Settings.EvaluatorSettings(
                        1, Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(10), 1));
        assertThat(settings.console())
                .isEqualTo(new Settings.ConsoleSettings(
                        "127.0.0.1", 8080, Optional.empty(), 100, Optional.empty(), List.of()));
        assertThat(settings.monitoring())
                .isEqualTo(new Settings.MonitoringSettings("127.0.0.1", Optional.empty(), Duration.ofMinutes(2)));
        assertThat(settings.notifier())
                .isEqualTo(new Settings.NotifierSettings(
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        EnumSet.complementOf(EnumSet.of(RolloutEventType.UNKNOWN)),
                        EnumSet.allOf(ReasonCode.class),
                        Duration.ofHours(1)));
    }

    @Test
    void everySettingCanBeSet() {
        Settings settings = read(
                "kafka.security.protocol", "SASL_SSL",
                "registry.basic.auth.credentials.source", "USER_INFO",
                "prefix", "staging.",
                "topics.partitions", "12",
                "topics.replication-factor", "3",
                "requests.max-bytes", "5000",
                "requests.max-ahead-ms", "30000",
                "roles", "scorer, router",
                "instance", "scorer-1",
                "state.directory", "/data",
                "router.threads", "2",
                "router.commit-interval-ms", "100",
                "router.max-waiting-bytes", "2000000",
                "lanes", "fraud, slow",
                "scorer.lanes", "candidate, existing-slow",
                "scorer.threads", "3",
                "scorer.max-batch", "64",
                "scorer.patience-ms", "500",
                "scorer.linger-ms", "5",
                "models.directory", "/models",
                "scorer.deadline-ms", "250",
                "scorer.requests-in-flight", "8",
                "scorer.load-timeout-ms", "7000",
                "scorer.max-answer-bytes", "2048",
                "models.max-bytes", "1000",
                "outbound.hosts", "*.example, 10.0.0.0/8",
                "controller.inspections", "3",
                "controller.inspection-max-mebibytes", "512",
                "controller.inspection-timeout-ms", "2000",
                "evaluator.threads", "4",
                "evaluator.commit-interval-ms", "200",
                "evaluator.silence-ms", "3000",
                "evaluator.startup-ms", "500",
                "evaluator.standby-replicas", "2",
                "console.host", "0.0.0.0",
                "console.port", "9090",
                "console.token", "a-token-of-some-length",
                "console.stream-clients", "7",
                "console.trusted-proxies", "10.0.0.0/8, ::1",
                "monitoring.host", "0.0.0.0",
                "monitoring.port", "9404",
                "monitoring.stuck-after-ms", "300000",
                "notifier.slack-urls", "https://hooks.example/1, https://hooks.example/2",
                "notifier.cloudevents-urls", "http://events.example/",
                "notifier.secret", "another-secret-of-length",
                "notifier.events", "aborted, breaker-opened",
                "notifier.codes", "GUARDRAIL_WORSE, BREAKER_OPEN",
                "notifier.give-up-after-ms", "60000");
        assertThat(settings.console())
                .isEqualTo(new Settings.ConsoleSettings(
                        "0.0.0.0",
                        9090,
                        Optional.of(new Secret("a-token-of-some-length")),
                        7,
                        Optional.empty(),
                        List.of("10.0.0.0/8", "::1")));
        assertThat(settings.console().isLoopback()).isFalse();
        assertThat(settings.monitoring())
                .isEqualTo(new Settings.MonitoringSettings("0.0.0.0", Optional.of(9404), Duration.ofMinutes(5)));
        assertThat(settings.notifier())
                .isEqualTo(new Settings.NotifierSettings(
                        List.of(URI.create("https://hooks.example/1"), URI.create("https://hooks.example/2")),
                        List.of(URI.create("http://events.example/")),
                        Optional.of(new Secret("another-secret-of-length")),
                        Set.of(RolloutEventType.ABORTED, RolloutEventType.BREAKER_OPENED),
                        Set.of(ReasonCode.GUARDRAIL_WORSE, ReasonCode.BREAKER_OPEN),
                        Duration.ofMinutes(1)));
        assertThat(settings.toString()).doesNotContain("token-of-some", "secret-of-length");
        assertThat(settings.evaluator())
                .isEqualTo(new Settings.EvaluatorSettings(
                        4, Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofMillis(500), 2));
        assertThat(settings.kafka()).containsEntry("security.protocol", "SASL_SSL");
        assertThat(settings.registry()).isEqualTo(Map.of("basic.auth.credentials.source", "USER_INFO"));
        assertThat(settings.prefix()).isEqualTo("staging.");
        assertThat(settings.topics().predictions().name()).isEqualTo("staging.predictions");
        assertThat(settings.dataPartitions()).isEqualTo(12);
        assertThat(settings.replicationFactor()).isEqualTo(Optional.of((short) 3));
        assertThat(settings.maxRequestBytes()).isEqualTo(5000);
        assertThat(settings.maxRequestAhead()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.roles()).containsExactlyInAnyOrder(RoleName.ROUTER, RoleName.SCORER);
        assertThat(settings.instance()).isEqualTo("scorer-1");
        assertThat(settings.stateDirectory()).isEqualTo(Path.of("/data"));
        assertThat(settings.router()).isEqualTo(new Settings.RouterSettings(2, Duration.ofMillis(100), 2_000_000));
        assertThat(settings.scorer())
                .isEqualTo(new Settings.ScorerSettings(
                        Set.of(Lane.CANDIDATE, new Lane(true, Optional.of("slow"))),
                        3,
                        64,
                        Duration.ofMillis(500),
                        Duration.ofMillis(5),
                        Path.of("/models"),
                        1000,
                        Duration.ofMillis(250),
                        8,
                        2048,
                        Duration.ofMillis(7000)));
        assertThat(settings.controller())
                .isEqualTo(new Settings.ControllerSettings(3, Duration.ofSeconds(2), 512L * 1024 * 1024));
        assertThat(settings.outboundHosts()).isEqualTo(new AllowedHosts(List.of("*.example", "10.0.0.0/8")));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "outbound.hosts|10.0.0.0/33|outbound.hosts: '10.0.0.0/33' is not a host name, an address, a network",
                "notifier.slack-urls|http://169.254.169.254/|a URL of a webhook cannot be called: the host '169.254.169.254' is a link-local address",
                "notifier.slack-urls|http://localhost:1/|a URL of a webhook cannot be called: the host 'localhost' is this machine",
                "roles|judge|roles has 'judge'; allowed: router, scorer, controller",
                "scorer.lanes|fast|scorer.lanes has 'fast'; allowed: all, existing, candidate",
                "lanes|Fast|lanes has 'Fast'; a name must be 1 to 40 lower-case letters",
                "router.threads|0|router.threads is 0; it must be at least 1",
                "router.threads|two|router.threads is 'two'; it must be a whole number",
                "router.threads|9999999999|router.threads is '9999999999'; it must be a whole number",
                "topics.partitions|0|topics.partitions is 0; it must be at least 1",
                "requests.max-bytes|1|requests.max-bytes is 1; it must be 1024 to 67108864",
                "prefix|a b|prefix is 'a b'; it must be",
                "router.tread|1|unknown setting router.tread; allowed: registry.url, prefix,",
                "registry.url|''|registry.url is missing",
                "registry.url|http://registry:8081,https://me:secret@registry/path|registry.url has a user or a password; set registry.basic.auth",
                "console.port|70000|console.port is 70000; it must be 0 to 65535",
                "console.host|0.0.0.0|console.host is '0.0.0.0', which other machines can reach; this requires console.token-file",
                "console.host|no such host|console.host is 'no such host', which is not an address",
                "console.token|short|console.token has 5 characters; it must be at least 16",
                "console.token-file|/no/such/file|console.token-file is '/no/such/file', which cannot be read",
                "console.tls-key-file|/key.pem|only one of console.tls-certificate-file and console.tls-key-file is set",
                "console.trusted-proxies|proxy.example|console.trusted-proxies: 'proxy.example' is neither an address",
                "console.trusted-proxies|10.0.0.0/33|console.trusted-proxies: '10.0.0.0/33' is not a range of addresses",
                "kafka.sasl.jaas.config-file|/no/such|kafka.sasl.jaas.config-file is '/no/such', which cannot be read",
                "notifier.slack-urls|ftp://x/|notifier.slack-urls has an entry that is not an http or https URL",
                "notifier.slack-urls|https://a b/|notifier.slack-urls has an entry that is not an http or https URL",
                "notifier.secret|whsec_not-base-64-at-all!|notifier.secret begins with whsec_, but the rest is not Base64",
                "kafka.processing.guarantee|at_least_once|kafka.processing.guarantee must not be set: each record takes effect exactly once; remove it",
                "kafka.consumer.isolation.level|read_uncommitted|kafka.consumer.isolation.level must not be set: roles act on committed records only; remove it",
                "kafka.main.consumer.auto.offset.reset|latest|kafka.main.consumer.auto.offset.reset must not be set",
                "kafka.producer.acks|1|kafka.producer.acks must not be set",
                "kafka.application.id|mine|kafka.application.id must not be set: each role sets its own; remove it",
                "kafka.commit.interval.ms|1|kafka.commit.interval.ms must not be set: router.commit-interval-ms and",
                "notifier.events|lost|notifier.events has 'lost'; allowed: deployed, started,",
            })
    void rejectsAnInvalidSettingAndSaysWhatIsAllowed(String name, String value, String why) {
        assertThatThrownBy(() -> read(name, value))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(why);
    }

    @Test
    void requiresABroker() {
        Properties properties = new Properties();
        properties.setProperty("registry.url", "http://localhost:8081");
        assertThatThrownBy(() -> SettingsReader.read(properties))
                .hasMessageStartingWith("kafka.bootstrap.servers is missing");
    }

    @Test
    void readsASecretFromAFileButRejectsTwoSources(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "a-token-of-some-length\n");
        assertThat(read("console.token-file", file.toString()).console().token())
                .contains(new Secret("a-token-of-some-length"));
        assertThatThrownBy(() -> read("console.token-file", file.toString(), "console.token", "a-token-of-some-length"))
                .hasMessageContaining("console.token and console.token-file are both set");
    }

    @Test
    void readsPasswordsOfClientsAndUrlsOfWebhooksFromFiles(@TempDir Path directory) throws IOException {
        String jaas = "org.example.Module required username=\"router\" password=\"p\";";
        Path login = Files.writeString(directory.resolve("jaas"), jaas + "\n");
        Path user = Files.writeString(directory.resolve("user"), "name:password\n");
        Path urls = Files.writeString(directory.resolve("urls"), "https://hooks.example/1\n");
        Settings settings = read(
                "kafka.sasl.jaas.config-file", login.toString(),
                "registry.basic.auth.user.info-file", user.toString(),
                "notifier.slack-urls-file", urls.toString());

        assertThat(settings.kafka()).containsEntry("sasl.jaas.config", jaas);
        assertThat(settings.principal()).contains("User:router");
        assertThat(settings.registry()).containsEntry("basic.auth.user.info", "name:password");
        assertThat(settings.notifier().slack()).containsExactly(URI.create("https://hooks.example/1"));
        assertThatThrownBy(() -> read("kafka.ssl.key.password-file", login.toString(), "kafka.ssl.key.password", "p"))
                .hasMessage("kafka.ssl.key.password and kafka.ssl.key.password-file are both set; set one of them");
        Files.writeString(urls, "ftp://x/");
        assertThatThrownBy(() -> read("notifier.slack-urls-file", urls.toString()))
                .hasMessageStartingWith("notifier.slack-urls has an entry that is not an http or https URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "console.token",
                "notifier.secret",
                "notifier.slack-urls",
                "kafka.sasl.jaas.config",
                "kafka.ssl.keystore.password",
                "kafka.ssl.keystore.key",
                "registry.basic.auth.user.info",
                "registry.bearer.auth.token"
            })
    void acceptsNoSecretOnTheCommandLine(String name) {
        assertThatThrownBy(() -> SettingsReader.refuseSecretsOnCommandLine(List.of("prefix", name)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(name + " is a secret")
                .hasMessageContaining("--set-file " + name + "=FILE");
    }

    @Test
    void acceptsFilesOfSecretsAndOtherSettingsOnTheCommandLine() {
        SettingsReader.refuseSecretsOnCommandLine(List.of(
                "console.token-file", "kafka.sasl.jaas.config-file", "kafka.sasl.mechanism", "registry.url", "prefix"));
    }

    private static Settings read(String... more) {
        Properties properties = new Properties();
        properties.setProperty("kafka.bootstrap.servers", "localhost:9092");
        properties.setProperty("registry.url", "http://localhost:8081");
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return SettingsReader.read(properties);
    }
}

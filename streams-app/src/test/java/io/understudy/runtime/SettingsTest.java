package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.scoring.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void defaults() {
        Settings settings = read();
        assertThat(settings.kafka()).isEqualTo(Map.of("bootstrap.servers", "localhost:9092"));
        assertThat(settings.registryUrl()).isEqualTo("http://localhost:8081");
        assertThat(settings.registry()).isEmpty();
        assertThat(settings.prefix()).isEmpty();
        assertThat(settings.dataPartitions()).isEqualTo(6);
        assertThat(settings.replicationFactor()).isEmpty();
        assertThat(settings.maxRequestBytes()).isEqualTo(1024 * 1024);
        assertThat(settings.roles())
                .containsExactly(RoleName.ROUTER, RoleName.SCORER, RoleName.CONTROLLER, RoleName.EVALUATOR);
        assertThat(settings.instance()).isNotBlank();
        assertThat(settings.stateDirectory()).isAbsolute();
        assertThat(settings.router()).isEqualTo(new Settings.RouterSettings(1, Duration.ofMillis(50)));
        assertThat(settings.scorer())
                .isEqualTo(new Settings.ScorerSettings(
                        Set.of(Lane.EXISTING, Lane.CANDIDATE),
                        1,
                        1000,
                        Duration.ofMillis(20),
                        Path.of("."),
                        Duration.ofSeconds(1),
                        64));
        assertThat(settings.evaluator())
                .isEqualTo(new Settings.EvaluatorSettings(
                        1, Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(10), 0));
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
                "roles", "scorer, router",
                "instance", "scorer-1",
                "state.directory", "/data",
                "router.threads", "2",
                "router.commit-interval-ms", "100",
                "scorer.lanes", "candidate",
                "scorer.threads", "3",
                "scorer.max-batch", "64",
                "scorer.linger-ms", "5",
                "models.directory", "/models",
                "scorer.deadline-ms", "250",
                "scorer.requests-in-flight", "8",
                "evaluator.threads", "4",
                "evaluator.commit-interval-ms", "200",
                "evaluator.silence-ms", "3000",
                "evaluator.startup-ms", "500",
                "evaluator.standby-replicas", "1");
        assertThat(settings.evaluator())
                .isEqualTo(new Settings.EvaluatorSettings(
                        4, Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofMillis(500), 1));
        assertThat(settings.kafka()).containsEntry("security.protocol", "SASL_SSL");
        assertThat(settings.registry()).isEqualTo(Map.of("basic.auth.credentials.source", "USER_INFO"));
        assertThat(settings.prefix()).isEqualTo("staging.");
        assertThat(settings.topics().predictions().name()).isEqualTo("staging.predictions");
        assertThat(settings.dataPartitions()).isEqualTo(12);
        assertThat(settings.replicationFactor()).isEqualTo(Optional.of((short) 3));
        assertThat(settings.maxRequestBytes()).isEqualTo(5000);
        assertThat(settings.roles()).containsExactlyInAnyOrder(RoleName.ROUTER, RoleName.SCORER);
        assertThat(settings.instance()).isEqualTo("scorer-1");
        assertThat(settings.stateDirectory()).isEqualTo(Path.of("/data"));
        assertThat(settings.router()).isEqualTo(new Settings.RouterSettings(2, Duration.ofMillis(100)));
        assertThat(settings.scorer())
                .isEqualTo(new Settings.ScorerSettings(
                        Set.of(Lane.CANDIDATE),
                        3,
                        64,
                        Duration.ofMillis(5),
                        Path.of("/models"),
                        Duration.ofMillis(250),
                        8));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "roles|judge|roles has 'judge'; allowed: router, scorer, controller",
                "scorer.lanes|fast|scorer.lanes has 'fast'; allowed: existing, candidate",
                "router.threads|0|router.threads is 0; it must be at least 1",
                "router.threads|two|router.threads is 'two'; it must be a whole number",
                "topics.partitions|0|topics.partitions is 0; it must be at least 1",
                "requests.max-bytes|1|requests.max-bytes is 1; it must be at least 1024",
                "prefix|a b|prefix is 'a b'; it must be",
                "router.tread|1|unknown setting router.tread; allowed: registry.url, prefix,",
                "registry.url|''|registry.url is missing",
            })
    void refusesABadSettingAndSaysWhatIsAllowed(String name, String value, String why) {
        assertThatThrownBy(() -> read(name, value))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(why);
    }

    @Test
    void refusesToRunWithoutABroker() {
        Properties properties = new Properties();
        properties.setProperty("registry.url", "http://localhost:8081");
        assertThatThrownBy(() -> Settings.fromProperties(properties))
                .hasMessageStartingWith("kafka.bootstrap.servers is missing");
    }

    private static Settings read(String... more) {
        Properties properties = new Properties();
        properties.setProperty("kafka.bootstrap.servers", "localhost:9092");
        properties.setProperty("registry.url", "http://localhost:8081");
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return Settings.fromProperties(properties);
    }
}

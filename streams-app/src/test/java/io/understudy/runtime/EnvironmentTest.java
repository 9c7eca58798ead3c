package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class EnvironmentTest {

    @Test
    void everySettingHasItsOwnVariable() {
        Map<String, String> variables = SettingsTable.reference().stream()
                .collect(Collectors.toMap(setting -> Environment.variable(setting.name()), Setting::name));
        assertThat(Environment.settings(variables))
                .allSatisfy((name, value) -> assertThat(value).isEqualTo(name));
        assertThat(Environment.settings(variables)).hasSameSizeAs(SettingsTable.reference());
    }

    @Test
    void passesOnTheSettingsOfClients() {
        assertThat(Environment.settings(Map.of(
                        "UNDERSTUDY_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092",
                        "UNDERSTUDY_KAFKA_SSL_TRUSTSTORE_LOCATION", "/trust.jks",
                        "UNDERSTUDY_REGISTRY_URL", "http://registry:8080",
                        "UNDERSTUDY_KAFKA_SASL_JAAS_CONFIG_FILE", "/run/secrets/jaas",
                        "UNDERSTUDY_KAFKA_SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE", "/run/secrets/key",
                        "UNDERSTUDY_REGISTRY_BASIC_AUTH_USER_INFO", "user:password")))
                .isEqualTo(Map.of(
                        "kafka.bootstrap.servers", "kafka:9092",
                        "kafka.ssl.truststore.location", "/trust.jks",
                        "registry.url", "http://registry:8080",
                        "kafka.sasl.jaas.config-file", "/run/secrets/jaas",
                        "kafka.sasl.oauthbearer.assertion.private.key.file", "/run/secrets/key",
                        "registry.basic.auth.user.info", "user:password"));
    }

    @Test
    void ignoresOtherVariables() {
        assertThat(Environment.settings(Map.of("PATH", "/bin", "UNDERSTUDY_JAVA_OPTIONS", "-Xmx1g")))
                .isEmpty();
    }

    @Test
    void rejectsAVariableThatDoesNotBelongToASetting() {
        assertThatThrownBy(() -> Environment.settings(Map.of("UNDERSTUDY_SCORER_MAXBATCH", "1")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith("the environment variable UNDERSTUDY_SCORER_MAXBATCH is not a setting")
                .hasMessageContaining("UNDERSTUDY_SCORER_MAX_BATCH");
    }
}

package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class TakeoverTest {

    private static final int BROKER_MINIMUM_SESSION_MS = 6_000;
    private static final int SWEEP_MS = 1_000;

    private static Settings settings(String... more) {
        Properties properties = new Properties();
        properties.setProperty("kafka.bootstrap.servers", "localhost:9092");
        properties.setProperty("registry.url", "http://localhost:8081");
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return SettingsReader.read(properties);
    }

    private static int number(Object value) {
        return Integer.parseInt(value.toString());
    }

    private static Map<String, Object> router(Settings settings) {
        return StreamsRole.configs(settings, RoleName.ROUTER, 1, Duration.ofMillis(50));
    }

    @Test
    void aKilledProcessIsMissedAsSoonAsBrokersAllowAndItsTransactionHasEndedByThen() {
        int session = number(Takeover.consumer(Map.of()).get(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG));
        int transaction = number(Takeover.producer(Duration.ZERO).get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG));

        assertThat(session).isEqualTo(BROKER_MINIMUM_SESSION_MS);
        assertThat(transaction + SWEEP_MS).isLessThanOrEqualTo(session);
    }

    @Test
    void membersLearnWithinHalfASecondThatAnotherOneHasLeft() {
        assertThat(number(Takeover.consumer(Map.of()).get(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG)))
                .isLessThanOrEqualTo(500);
    }

    @Test
    void aScorerKeepsItsPartitionsWhileOthersJoinOrLeave() {
        assertThat(Takeover.cooperativeConsumer(Map.of()))
                .containsEntry(
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
    }

    @Test
    void aTransactionMayBeOpenForLongerThanACommitInterval() {
        assertThat(number(Takeover.producer(Duration.ofSeconds(30)).get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG)))
                .isEqualTo(60_000);
    }

    @Test
    void whereTheBrokersSetTheTimesOfAGroupNoneAreSetHere() {
        Map<String, String> client = Map.of(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");

        assertThat(Takeover.consumer(client)).isEmpty();
        assertThat(Takeover.cooperativeConsumer(client)).isEmpty();
    }

    @Test
    void everyStreamsRoleHasTheseTimes() {
        Map<String, Object> router = router(settings());

        assertThat(number(router.get(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG))))
                .isEqualTo(BROKER_MINIMUM_SESSION_MS);
        assertThat(number(router.get(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG))))
                .isLessThan(BROKER_MINIMUM_SESSION_MS);
    }

    @Test
    void anOperatorMaySetOtherTimes() {
        Map<String, Object> router =
                router(settings("kafka.session.timeout.ms", "20000", "kafka.transaction.timeout.ms", "15000"));

        assertThat(number(router.get(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG))))
                .isEqualTo(20_000);
        assertThat(number(router.get(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG))))
                .isEqualTo(15_000);
    }
}

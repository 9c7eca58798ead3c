package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final Map<String, String> MAIN = Map.of("client-id", "router-StreamThread-1-consumer");

    private final Map<MetricName, Metric> metrics = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private final Progress progress = new Progress(() -> metrics, Duration.ofSeconds(60), () -> now);

    @Test
    void aThreadThatDoesNotPollIsStuck() {
        set("last-poll-seconds-ago", MAIN, 59);
        assertThat(progress.fault()).isEmpty();
        set("last-poll-seconds-ago", MAIN, 61);
        assertThat(progress.fault())
                .contains("router-StreamThread-1-consumer has not asked for records for 61 s: its thread is stuck in a"
                        + " record or a commit");
        set("last-poll-seconds-ago", MAIN, 0);
        assertThat(progress.fault()).isEmpty();
    }

    @Test
    void aThreadThatHasNotPolledYetOrDoesNotNeedToIsNotStuck() {
        set("last-poll-seconds-ago", MAIN, -1);
        set("last-poll-seconds-ago", Map.of("client-id", "router-StreamThread-1-restore-consumer"), 1000);
        set("last-poll-seconds-ago", Map.of("client-id", "router-global-consumer"), 1000);
        assertThat(progress.fault()).isEmpty();
    }

    @Test
    void aPartitionWithUnreadRecordsIsStuckWhenItsPositionStays() {
        position(0, 5, 100);
        position(1, 0, 100);
        assertThat(progress.fault()).isEmpty();
        now = now.plusSeconds(61);
        assertThat(progress.fault())
                .contains("partition 0 of lane has 5 unread records, and none was read for more than 60 s");
    }

    @Test
    void aPartitionThatIsReadIsNotStuckHoweverFarBehindItIs() {
        for (int i = 0; i < 10; i++) {
            position(0, 5000, 100 + i);
            assertThat(progress.fault()).isEmpty();
            now = now.plusSeconds(50);
        }
        position(0, 0, 200);
        assertThat(progress.fault()).isEmpty();
        now = now.plusSeconds(500);
        position(0, 7, 200);
        assertThat(progress.fault()).as("it had nothing to read before").isEmpty();
    }

    @Test
    void aPartitionThatHasMovedToAnotherProcessIsForgotten() {
        position(0, 5, 100);
        progress.fault();
        metrics.clear();
        now = now.plusSeconds(100);
        assertThat(progress.fault()).isEmpty();
        position(0, 5, 100);
        assertThat(progress.fault()).isEmpty();
    }

    private void position(int partition, double lag, double lead) {
        Map<String, String> tags =
                Map.of("client-id", "consumer", "topic", "lane", "partition", Integer.toString(partition));
        set("records-lag", tags, lag);
        set("records-lead", tags, lead);
    }

    private void set(String name, Map<String, String> tags, double value) {
        MetricName key = new MetricName(name, "consumer", "", tags);
        metrics.put(key, new Metric() {
            @Override
            public MetricName metricName() {
                return key;
            }

            @Override
            public Object metricValue() {
                return value;
            }
        });
    }
}

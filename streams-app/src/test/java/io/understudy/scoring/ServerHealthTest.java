package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerHealthTest {

    private long now = 1000;
    private final ServerHealth health = new ServerHealth(Duration.ofNanos(100), () -> now);

    @Test
    void aServerThatAnswersGetsAllCalls() {
        assertThat(health.admit()).isTrue();
        assertThat(health.admit()).isTrue();
        long started = now;
        now += 50;
        health.ended(started, true);
        health.ended(started, false);
        assertThat(health.isSilent())
                .as("it has answered another call in the meantime")
                .isFalse();
        assertThat(health.admit()).isTrue();
    }

    @Test
    void aSilentServerGetsOneCallAtATimeWithAPauseUntilItAnswers() {
        fail(2);
        assertThat(health.isSilent()).isTrue();
        assertThat(health.admit()).as("during the pause").isFalse();
        now += 100;
        assertThat(health.admit()).isTrue();
        assertThat(health.admit()).as("while another call is under way").isFalse();
        health.ended(now++, false);
        assertThat(health.admit()).as("during the pause").isFalse();
        now += 100;
        assertThat(health.admit()).isTrue();
        health.ended(now++, true);
        assertThat(health.isSilent()).isFalse();
        assertThat(health.admit()).isTrue();
        assertThat(health.admit()).isTrue();
    }

    private void fail(int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(health.admit()).isTrue();
        }
        long started = now;
        now += 10;
        for (int i = 0; i < calls; i++) {
            health.ended(started, false);
        }
    }
}

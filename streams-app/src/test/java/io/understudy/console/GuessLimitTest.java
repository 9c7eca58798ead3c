package io.understudy.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GuessLimitTest {

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final GuessLimit limit = new GuessLimit(() -> now);

    private void guess(String address, int times) {
        for (int i = 0; i < times; i++) {
            limit.wait(address);
            limit.wrong(address);
        }
    }

    @Test
    void anAddressWaitsForTheRestOfTheMinuteAfterTenWrongTokens() {
        guess("192.0.2.1", 9);
        assertThat(limit.wait("192.0.2.1")).isEmpty();
        now = now.plusSeconds(20);
        guess("192.0.2.1", 1);
        assertThat(limit.wait("192.0.2.1")).contains(Duration.ofSeconds(40));
        assertThat(limit.wait("192.0.2.2")).isEmpty();
        now = now.plusSeconds(40);
        assertThat(limit.wait("192.0.2.1")).isEmpty();
    }

    @Test
    void theRightTokenBeforeDoesNotMakeGuessingFree() {
        limit.right("192.0.2.1");
        guess("192.0.2.1", 10);
        assertThat(limit.wait("192.0.2.1")).isPresent();
    }

    @Test
    void manyAddressesTogetherLockOutOnlyThoseThatNeverHadTheToken() {
        limit.right("192.0.2.200");
        for (int address = 0; address < 50; address++) {
            guess("192.0.2." + address, 2);
        }
        assertThat(limit.wait("198.51.100.1")).isPresent();
        assertThat(limit.wait("192.0.2.200")).isEmpty();
        now = now.plusSeconds(60);
        assertThat(limit.wait("198.51.100.1")).isEmpty();
    }

    @Test
    void allAddressesOfAnIpv6NetworkAreOne() {
        for (int host = 1; host <= 10; host++) {
            guess("2001:db8:0:1::" + host, 1);
        }
        assertThat(limit.wait("2001:db8:0:1::99")).isPresent();
        assertThat(limit.wait("2001:db8:0:2::99")).isEmpty();
    }
}

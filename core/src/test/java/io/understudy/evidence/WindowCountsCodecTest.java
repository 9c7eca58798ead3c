package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.KeyBucket;
import io.understudy.testing.Windows;
import java.io.IOException;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WindowCountsCodecTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:05Z");

    @Provide
    Arbitrary<EvidencePlan> plans() {
        return Arbitraries.of(Windows.PLANS);
    }

    private static WindowCounts decode(EvidenceBlock record, EvidencePlan plan) {
        return WindowCountsCodec.decode(record, plan.stages().get(0), plan.isByKey());
    }

    @Property(tries = 60)
    void aWindowSurvivesItsRecordAndTheRecordsBytes(
            @ForAll("plans") EvidencePlan plan, @ForAll int first, @ForAll @IntRange(max = 50) int requests)
            throws IOException {
        EvidenceBlock record = WindowCountsCodec.encode(Windows.of(plan, first, requests), START);
        byte[] bytes = EvidenceBlock.getEncoder().encode(record).array();

        WindowCounts restored = decode(EvidenceBlock.getDecoder().decode(bytes), plan);

        assertThat(WindowCountsCodec.encode(restored, START)).isEqualTo(record);
        assertThat(WindowCountsCodec.encode(decode(record, plan), START))
                .as("reading does not use the record up")
                .isEqualTo(record);
    }

    @Property(tries = 30)
    void aRestoredWindowContinuesCounting(
            @ForAll("plans") EvidencePlan plan, @ForAll int first, @ForAll @IntRange(min = 1, max = 20) int requests) {
        WindowCounts kept = WindowCounts.underWay(plan.stages().get(0), plan.isByKey());
        kept.addAll(Windows.of(plan, first, requests));
        WindowCounts restored = decode(WindowCountsCodec.encode(kept, START), plan);

        Windows.add(kept, plan, first - 1);
        Windows.add(restored, plan, first - 1);

        assertThat(WindowCountsCodec.encode(restored, START)).isEqualTo(WindowCountsCodec.encode(kept, START));
    }

    @Test
    void keepsWhenTheWindowBeganAndHowItClosed() {
        WindowCounts window = Windows.of(Windows.ARMS_OF_REQUESTS, 0, 5);
        WindowCounts silent = Windows.of(Windows.ARMS_OF_REQUESTS, 0, 5);
        silent.closedByWallClock();

        EvidenceBlock record = WindowCountsCodec.encode(window, START);

        assertThat(record.getWindowStart()).isEqualTo(START);
        assertThat(decode(record, Windows.ARMS_OF_REQUESTS).isClosedByWallClock())
                .isFalse();
        assertThat(decode(WindowCountsCodec.encode(silent, START), Windows.ARMS_OF_REQUESTS)
                        .isClosedByWallClock())
                .isTrue();
    }

    @Test
    void aRestoredWindowIsNotEmpty() {
        WindowCounts onlyObserved = Windows.empty(Windows.ARMS_OF_REQUESTS);
        onlyObserved.observe(0, Arm.CANDIDATE, 0, 1);

        EvidenceBlock record = WindowCountsCodec.encode(onlyObserved, START);

        assertThat(decode(record, Windows.ARMS_OF_REQUESTS).isEmpty()).isFalse();
    }

    @Test
    void writesWholeSumsAsWholeNumbersAndOthersAsTheyAre() {
        WindowCounts window = Windows.empty(Windows.ARMS_OF_KEYS);
        window.observe(1, Arm.EXISTING, 3, 2);
        window.observe(1, Arm.EXISTING, 3, 5);
        window.observe(1, Arm.EXISTING, 7, 0.25);
        window.observe(1, Arm.EXISTING, 9, 1e300);

        EvidenceBlock record = WindowCountsCodec.encode(window, START);

        assertThat(record.getMetrics().get(1).getBuckets().get(0))
                .containsExactly(new KeyBucket(3, 2L, 7L), new KeyBucket(7, 1L, 0.25), new KeyBucket(9, 1L, 1e300));
    }

    @Test
    void refusesTheRecordOfAnotherPlan() {
        EvidenceBlock record = WindowCountsCodec.encode(Windows.of(Windows.ARMS_OF_REQUESTS, 0, 5), START);

        assertThatThrownBy(() -> decode(record, Windows.SHADOW_OF_REQUESTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the record has 3 metrics, but its stage has 7");
    }
}

package io.understudy.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RandomisationUnit;
import io.understudy.testing.States;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TrafficSplitTest {

    @Property(seed = "42")
    void aWiderMirrorNeverLeavesOutAUnitThatANarrowerOneHad(
            @ForAll @IntRange(max = 100_000) int narrow,
            @ForAll @IntRange(max = 100_000) int more,
            @ForAll String key) {
        int wide = Math.min(HashBuckets.COUNT, narrow + more);
        boolean before = TrafficSplit.of(States.mirroring(narrow)).mirrors(bytes(key), "id");
        boolean after = TrafficSplit.of(States.mirroring(wide)).mirrors(bytes(key), "id");
        assertThat(after || !before).isTrue();
    }

    @Test
    void mirrorsEverythingAtAHundredPerCentAndNothingAtZero() {
        assertThat(TrafficSplit.of(States.mirroring(HashBuckets.COUNT)).mirrors(bytes("key"), "id"))
                .isTrue();
        assertThat(TrafficSplit.of(States.mirroring(0)).mirrors(bytes("key"), "id"))
                .isFalse();
    }

    @Test
    void neverMirrorsARequestWithoutAKey() {
        assertThat(TrafficSplit.of(States.mirroring(HashBuckets.COUNT)).mirrors(null, "id"))
                .isFalse();
    }

    @Test
    void samplesByRequestWhenTheUnitIsTheRequest() {
        TrafficSplit plan = TrafficSplit.of(States.mirroring(50_000, RandomisationUnit.REQUEST));
        long mirrored = IntStream.range(0, 1000)
                .filter(i -> plan.mirrors(bytes("one key"), "request-" + i))
                .count();
        assertThat(mirrored).isBetween(400L, 600L);
    }

    @Test
    void samplesAWholeKeyWhenTheUnitIsTheKey() {
        TrafficSplit plan = TrafficSplit.of(States.mirroring(50_000));
        long mirrored = IntStream.range(0, 1000)
                .filter(i -> plan.mirrors(bytes("one key"), "request-" + i))
                .count();
        assertThat(mirrored).isIn(0L, 1000L);
    }

    @Test
    void hasNoRolloutWithoutOne() {
        assertThat(TrafficSplit.of(States.withoutRollout()).activeRollout()).isEmpty();
        assertThat(TrafficSplit.of(States.withoutRollout()).mirrors(bytes("key"), "id"))
                .isFalse();
    }

    private static byte[] bytes(String key) {
        return key.getBytes(UTF_8);
    }
}

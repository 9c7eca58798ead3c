package io.understudy.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RandomisationUnit;
import io.understudy.testing.States;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RoutingPlanTest {

    @Property(seed = "42")
    void aWiderMirrorNeverLeavesOutAUnitThatANarrowerOneHad(
            @ForAll @IntRange(max = 100_000) int narrow,
            @ForAll @IntRange(max = 100_000) int more,
            @ForAll String key) {
        int wide = Math.min(Buckets.COUNT, narrow + more);
        boolean before = RoutingPlan.of(States.mirroring(narrow)).mirrors(key, "id");
        boolean after = RoutingPlan.of(States.mirroring(wide)).mirrors(key, "id");
        assertThat(after || !before).isTrue();
    }

    @Test
    void mirrorsEverythingAtAHundredPerCentAndNothingAtZero() {
        assertThat(RoutingPlan.of(States.mirroring(Buckets.COUNT)).mirrors("key", "id"))
                .isTrue();
        assertThat(RoutingPlan.of(States.mirroring(0)).mirrors("key", "id")).isFalse();
    }

    @Test
    void neverMirrorsARequestWithoutAKey() {
        assertThat(RoutingPlan.of(States.mirroring(Buckets.COUNT)).mirrors(null, "id"))
                .isFalse();
    }

    @Test
    void samplesByRequestWhenTheUnitIsTheRequest() {
        RoutingPlan plan = RoutingPlan.of(States.mirroring(50_000, RandomisationUnit.REQUEST));
        long mirrored = java.util.stream.IntStream.range(0, 1000)
                .filter(i -> plan.mirrors("one key", "request-" + i))
                .count();
        assertThat(mirrored).isBetween(400L, 600L);
    }

    @Test
    void samplesAWholeKeyWhenTheUnitIsTheKey() {
        RoutingPlan plan = RoutingPlan.of(States.mirroring(50_000));
        long mirrored = java.util.stream.IntStream.range(0, 1000)
                .filter(i -> plan.mirrors("one key", "request-" + i))
                .count();
        assertThat(mirrored).isIn(0L, 1000L);
    }

    @Test
    void hasNoRolloutWithoutOne() {
        assertThat(RoutingPlan.of(States.withoutRollout()).activeRollout()).isEmpty();
        assertThat(RoutingPlan.of(States.withoutRollout()).mirrors("key", "id")).isFalse();
    }
}

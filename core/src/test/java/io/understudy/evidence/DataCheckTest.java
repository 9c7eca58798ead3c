package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.testing.Plans;
import io.understudy.testing.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DataCheckTest {

    private static final EvidencePlan ACCURACY = Plans.byRequest(Plans.AB, "kind: accuracy, role: success, mde: 1.2");
    private static final EvidencePlan BRIER = Plans.byRequest(Plans.SHADOW, "kind: brier, role: success, mde: 0.1");

    private static ModelAnswer label(String label) {
        return new ModelAnswer(Double.NaN, label);
    }

    private static ModelAnswer score(double score) {
        return new ModelAnswer(score, null);
    }

    private static MetricLook look(EvidencePlan plan, WindowCounts window) {
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        evidence.absorb(window, Duration.ofSeconds(5));
        return evidence.snapshot(Duration.ZERO).metrics().get(0);
    }

    /** Of 100 requests in each arm, 90 are late; {@code candidate} has other names for being so than the outcomes. */
    private static WindowCounts lateFlights(String late, String onTime) {
        WindowCounts window = Windows.empty(ACCURACY);
        for (int i = 0; i < 100; i++) {
            double outcome = i < 90 ? 1 : 0;
            window.observeOutcome(0, Arm.EXISTING, 0, label("1"), outcome);
            window.observeOutcome(0, Arm.CANDIDATE, 0, label(i < 95 ? late : onTime), outcome);
        }
        return window;
    }

    @Test
    void whoNamesTheSameClassesByNumbersIsAsGood() {
        MetricLook look = look(ACCURACY, lateFlights("1.0", "0"));

        assertThat(look.data().isComparable()).isTrue();
        assertThat(look.candidate().estimate()).isEqualTo(0.95);
        assertThat(look.shortfall()).isEmpty();
    }

    @Test
    void labelsThatNoOutcomeEverEqualsDecideNothing() {
        MetricLook look = look(ACCURACY, lateFlights("late", "on time"));

        assertThat(look.candidate().estimate()).isZero();
        assertThat(look.data().isComparable()).isFalse();
        assertThat(look.data().existing().comparable()).isTrue();
        assertThat(look.data().candidate().labels()).containsExactly("late", "on time");
        assertThat(look.data().outcomes()).containsExactly("0", "1");
        assertThat(look.shortfall()).contains(new Shortfall(Shortfall.Kind.LABELS_LIKE_OUTCOMES, 0, 0));
    }

    @Test
    void aModelThatIsAlwaysWrongNamesItsClassesAsTheOutcomesDo() {
        WindowCounts window = Windows.empty(ACCURACY);
        window.observeOutcome(0, Arm.CANDIDATE, 0, label("1"), 0.0);
        assertThat(look(ACCURACY, window).data().isComparable())
                .as("no outcome is 1 yet")
                .isFalse();

        window.observeOutcome(0, Arm.CANDIDATE, 0, label("0"), 1.0);
        assertThat(look(ACCURACY, window).data().isComparable()).isTrue();
    }

    @Test
    void countsWhatMakesNoObservation() {
        WindowCounts window = Windows.empty(BRIER);
        window.observeOutcomePair(0, 0, score(0.5), score(0.5), 1.0);
        window.observeOutcomePair(0, 0, score(0.5), score(1.5), 1.0);
        window.observeOutcomePair(0, 0, label("late"), score(0.5), 1.0);
        window.observeOutcomePair(0, 0, score(0.5), ModelAnswer.NONE, 0.0);
        window.observeOutcomePair(0, 0, score(0.5), score(0.5), "cancelled");

        DataQuality data = look(BRIER, window).data();

        assertThat(look(BRIER, window).candidate().units()).isEqualTo(1);
        assertThat(data.existing().unusable()).isEqualTo(1);
        assertThat(data.candidate().unusable())
                .as("not that of the model that failed")
                .isEqualTo(1);
        assertThat(data.unusableOutcomes()).as("once an arm").isEqualTo(2);
        assertThat(data.outcomes()).containsExactly("0", "1");
    }

    @Test
    void aWindowOfUnusableDataIsNotEmpty() {
        WindowCounts window = Windows.empty(ACCURACY);
        window.observeOutcome(0, Arm.EXISTING, 0, score(0.5), "cancelled");
        assertThat(window.isEmpty()).isFalse();
    }

    @Test
    void survivesItsRecord() {
        EvidenceBlock record = WindowCountsCodec.encode(lateFlights("late", "on time"), Instant.EPOCH);
        WindowCounts restored =
                WindowCountsCodec.decode(record, ACCURACY.stages().get(0), false);

        assertThat(WindowCountsCodec.encode(restored, Instant.EPOCH)).isEqualTo(record);
        assertThat(look(ACCURACY, restored).data())
                .isEqualTo(look(ACCURACY, lateFlights("late", "on time")).data());
    }

    @Property(tries = 50)
    void aSampleIsBoundedAndMergesInAnyOrder(@ForAll List<@IntRange(max = 60) Integer> values) {
        DataCheck together = new DataCheck();
        DataCheck left = new DataCheck();
        DataCheck right = new DataCheck();
        IntStream.range(0, values.size()).forEach(i -> {
            together.outcome((double) values.get(i));
            (i % 3 == 0 ? left : right).outcome((double) values.get(i));
        });
        right.addAll(left);

        assertThat(right.outcomes()).isEqualTo(together.outcomes()).hasSizeLessThanOrEqualTo(DataCheck.SAMPLE);
        if (Set.copyOf(values).size() <= DataCheck.SAMPLE) {
            assertThat(together.outcomes()).hasSize(Set.copyOf(values).size());
        }
    }

    @Test
    void aLongValueIsCut() {
        DataCheck check = new DataCheck();
        check.outcome("x".repeat(1000));
        assertThat(check.outcomes().first()).hasSize(64);
    }
}

package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Arm;
import io.understudy.statistics.TwoByTwoTable;
import io.understudy.testing.Plans;
import org.junit.jupiter.api.Test;

class LatencyThresholdTest {

    private static final MetricSpec P90 = Plans.byRequest(
                    Plans.AB, "kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.9")
            .metrics()
            .get(0);

    /** Power laws: a tail of index 2 has a quarter of the answers above twice the latency. */
    private static LatencyTally tails(int answers, double existingIndex, double candidateIndex) {
        LatencyTally tally = new LatencyTally(P90, false, 512);
        for (int i = 0; i < answers; i++) {
            double above = (i + 0.5) / answers;
            tally.observe(Arm.EXISTING, 0, 10 * Math.pow(above, -1 / existingIndex));
            tally.observe(Arm.CANDIDATE, 0, 10 * Math.pow(above, -1 / candidateIndex));
        }
        return tally;
    }

    private static LatencyThreshold after(LatencyTally tally) {
        return LatencyThreshold.after(tally, 0.9).orElseThrow();
    }

    @Test
    void needsTwentyAnswersAboveTheQuantile() {
        assertThat(LatencyThreshold.after(tails(199, 2, 2), 0.9)).isEmpty();
        assertThat(LatencyThreshold.after(tails(201, 2, 2), 0.9)).isPresent();
        assertThat(LatencyThreshold.answersNeeded(0.99)).isEqualTo(2000);
    }

    @Test
    void isTheQuantileOfTheExistingModelAndOnTheMarginForTheCandidate() {
        LatencyTally tally = tails(10_000, 2, 2);
        TwoByTwoTable table = tally.tableAt(after(tally).bin());

        assertThat(table.existingRate()).isCloseTo(0.1, within(0.005));
        assertThat(table.candidateRate() / table.existingRate()).isCloseTo(Math.pow(1.1, -2), within(0.01));
    }

    @Test
    void isAsGoodAsKnownWhereTheTailsFallAlike() {
        LatencyThreshold alike = after(tails(20_000, 3, 3));

        assertThat(alike.inflation()).isCloseTo(1, within(0.1));
        assertThat(alike.weight(new TwoByTwoTable(100, 0, 100, 0))).isCloseTo(1, within(0.05));
        assertThat(after(tails(20_000, 3, 1)).inflation()).as("a flatter tail").isEqualTo(1);
    }

    @Test
    void aClockOfWholeMillisecondsIsNoSteepTail() {
        LatencyTally tally = new LatencyTally(P90, false, 512);
        for (int i = 0; i < 10_000; i++) {
            double latency = 3 * Math.pow((i + 0.5) / 10_000, -0.2);
            tally.observe(Arm.EXISTING, 0, Math.floor(latency));
            tally.observe(Arm.CANDIDATE, 0, Math.floor(latency * 1.05));
        }
        assertThat(after(tally).inflation()).isBetween(1.0, 3.0);

        LatencyTally constant = new LatencyTally(P90, false, 512);
        for (int i = 0; i < 1000; i++) {
            constant.observe(i % 2 == 0 ? Arm.EXISTING : Arm.CANDIDATE, 0, 5);
        }
        assertThat(after(constant).inflation()).isEqualTo(1);
    }

    @Test
    void countsForLessWhereTheCandidatesTailFallsMoreSteeply() {
        LatencyThreshold steep = after(tails(100_000, 2, 4));

        assertThat(steep.inflation()).isCloseTo(5, within(0.5));
        assertThat(steep.weight(new TwoByTwoTable(100, 0, 100, 0))).isCloseTo(1 / 3.0, within(0.04));
        assertThat(steep.weight(new TwoByTwoTable(1900, 0, 100, 0)))
                .as("a large arm knows its quantile well")
                .isGreaterThan(0.8);
        assertThat(steep.weight(TwoByTwoTable.NONE)).isEqualTo(1);
    }
}

package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ScoreBinsTest {

    private static LogHistogram of(double... scores) {
        LogHistogram histogram = new LogHistogram();
        Arrays.stream(scores).forEach(histogram::add);
        return histogram;
    }

    @Test
    void twentyEquallyWideBinsHoldTheScoresOfBothModels() {
        LogHistogram existing = of(10, 20);
        LogHistogram candidate = of(2, 12);

        ScoreBins bins = ScoreBins.around(existing, candidate);

        assertThat(bins.edges()).hasSize(21).isSorted();
        assertThat(bins.edges().get(0)).isEqualTo(candidate.lowest()).isCloseTo(2, Percentage.withPercentage(5));
        assertThat(bins.edges().get(20)).isEqualTo(existing.highest());
        assertThat(bins.edges().get(10)).isCloseTo((candidate.lowest() + existing.highest()) / 2, within(1e-9));
    }

    @Test
    void theFractionsOfEachModelAreInTheSameBins() {
        LogHistogram existing = of(10, 10, 10, 20);
        LogHistogram candidate = of(1);

        ScoreBins bins = ScoreBins.around(existing, candidate);

        assertThat(bins.fractions(candidate).get(0)).isCloseTo(1, within(1e-9));
        assertThat(bins.fractions(existing).subList(17, 20).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isCloseTo(0.25, within(1e-9));
        assertThat(bins.fractions(existing)).hasSize(20);
    }

    @Test
    void aModelWithoutAScoreLeavesTheBinsToTheOther() {
        LogHistogram existing = of(10, 20);

        ScoreBins bins = ScoreBins.around(existing, of());

        assertThat(bins.edges()).isEqualTo(ScoreBins.around(of(), existing).edges());
        assertThat(bins.edges().get(0)).isEqualTo(existing.lowest());
        assertThat(bins.fractions(of())).isEmpty();
        assertThat(bins.fractions(existing)).hasSize(20);
    }

    @Test
    void thereAreNoBinsWithoutAScore() {
        assertThat(ScoreBins.around(of(), of()).edges()).isEmpty();
    }
}

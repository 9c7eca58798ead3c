package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LogHistogramTest {

    private static final Percentage A_BIN = Percentage.withPercentage(5);

    private static LogHistogram of(double... scores) {
        LogHistogram histogram = new LogHistogram();
        Arrays.stream(scores).forEach(histogram::add);
        return histogram;
    }

    private static LogHistogram of(List<Double> scores) {
        return of(scores.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static LogHistogram merged(LogHistogram... parts) {
        LogHistogram histogram = new LogHistogram();
        Arrays.stream(parts).forEach(histogram::addAll);
        return histogram;
    }

    @Property(tries = 200)
    void mergingIsAssociativeCommutativeAndIndependentOfThePartition(
            @ForAll @Size(max = 30) List<@DoubleRange(min = -1e6, max = 1e6) Double> scores,
            @ForAll @IntRange(max = 30) int cut) {
        int at = Math.min(cut, scores.size());
        LogHistogram left = of(scores.subList(0, at));
        LogHistogram right = of(scores.subList(at, scores.size()));

        assertThat(merged(left, right).counts()).isEqualTo(of(scores).counts());
        assertThat(merged(right, left).counts()).isEqualTo(of(scores).counts());
        assertThat(merged(merged(left, right), left).counts())
                .isEqualTo(merged(left, merged(right, left)).counts());
        assertThat(merged(left, right).total()).isEqualTo(scores.size());
    }

    @Property(tries = 200)
    void aScoreIsWithinItsBin(@ForAll @DoubleRange(min = -1e9, max = 1e9) double score) {
        LogHistogram histogram = of(score);

        double slack = 1e-9 * Math.abs(score) + 1e-15;
        assertThat(score).isBetween(histogram.lowest() - slack, histogram.highest() + slack);
        assertThat(histogram.highest() - histogram.lowest()).isLessThanOrEqualTo(0.050001 * Math.abs(score) + 3e-9);
    }

    @Property(tries = 200)
    void ascendingScoresHaveAscendingBins(
            @ForAll @NotEmpty @Size(max = 20) List<@DoubleRange(min = -1000, max = 1000) Double> scores) {
        int[] bins = scores.stream()
                .sorted()
                .mapToInt(score -> of(score).counts().keySet().iterator().next())
                .toArray();

        assertThat(bins).isSorted();
    }

    @Test
    void scoresOfBothSignsMirrorEachOther() {
        LogHistogram positive = of(0.5, 3, 70);
        LogHistogram negative = of(-0.5, -3, -70);

        assertThat(negative.lowest()).isEqualTo(-positive.highest());
        assertThat(negative.highest()).isEqualTo(-positive.lowest());
        assertThat(of(1e-10, 0, -1e-10).counts()).containsOnlyKeys(0);
        assertThat(of(0).lowest()).isEqualTo(-1e-9);
        assertThat(of(0).highest()).isEqualTo(1e-9);
    }

    @Test
    void quantilesAreWithinABinOfTheTrueOnes() {
        LogHistogram hundred =
                of(IntStream.rangeClosed(1, 100).mapToDouble(i -> i).toArray());

        assertThat(hundred.quantile(0.5)).isCloseTo(50, A_BIN);
        assertThat(hundred.quantile(0.95)).isCloseTo(95, A_BIN);
        assertThat(hundred.quantile(1)).isCloseTo(100, A_BIN);
        assertThat(of(1, 1000).quantile(0.5)).isCloseTo(1, A_BIN);
        assertThat(of(1, 1000).quantile(0.51)).isCloseTo(1000, A_BIN);
        assertThat(of(-8, -2).quantile(0.5)).isCloseTo(-8, A_BIN);
    }

    @Test
    void nothingIsKnownWithoutAScore() {
        LogHistogram none = new LogHistogram();

        assertThat(none.quantile(0.5)).isNaN();
        assertThat(none.lowest()).isNaN();
        assertThat(none.highest()).isNaN();
        assertThat(none.total()).isZero();
    }

    @Test
    void dividesABinThatAnEdgeCutsInProportion() {
        LogHistogram histogram = of(1, 1, 1, 50);
        double low = histogram.lowest();
        double high = of(1).highest();

        double[] parts = histogram.fractionsBetween(low, low + (high - low) / 3, 10, 100);

        assertThat(parts).containsExactly(new double[] {0.25, 0.5, 0.25}, within(1e-9));
    }

    @Property(tries = 100)
    void thePartsBetweenEdgesThatHoldEveryScoreSumToOne(
            @ForAll @NotEmpty @Size(max = 20) List<@DoubleRange(min = -50, max = 50) Double> scores,
            @ForAll @DoubleRange(min = -50, max = 50) double edge) {
        LogHistogram histogram = of(scores);

        double[] parts = histogram.fractionsBetween(-100, edge, 100);

        assertThat(Arrays.stream(parts).sum()).isCloseTo(1, within(1e-9));
    }

    @Test
    void cutsCoarseBinsWithEquallyManyScores() {
        LogHistogram histogram =
                of(IntStream.rangeClosed(1, 8).mapToDouble(i -> i * i).toArray());

        int[] edges = histogram.quantileEdges(4);

        assertThat(edges).hasSize(3);
        assertThat(histogram.countsBetween(edges)).containsExactly(2, 2, 2, 2);
        assertThat(of(0.5, 5, 1e6).countsBetween(edges)).containsExactly(1, 1, 0, 1);
    }

    @Test
    void theLastCoarseBinIsOpen() {
        LogHistogram histogram = of(1, 2, 3, 4);
        int[] edges = histogram.quantileEdges(2);

        assertThat(edges).hasSize(1);
        assertThat(of(2, 2.5, 1e9).countsBetween(edges)).containsExactly(1, 2);
    }

    @Test
    void scoresThatShareABinShareAnEdge() {
        LogHistogram histogram = of(5, 5, 5, 50, 50);

        int[] edges = histogram.quantileEdges(10);

        assertThat(Arrays.stream(edges).boxed())
                .containsExactlyElementsOf(histogram.counts().keySet());
    }

    @Test
    void countsWhatIsAboveABinOfAnyWidth() {
        LogHistogram histogram = new LogHistogram(0.01);
        for (int i = 1; i <= 100; i++) {
            histogram.add(i);
        }
        int bin = histogram.quantileBin(0.9);

        assertThat(histogram.above(bin)).isEqualTo(10);
        assertThat(histogram.quantile(0.9)).isCloseTo(90, within(0.9));
        assertThat(histogram.above(histogram.quantileBin(1))).isZero();
        assertThat(new LogHistogram().quantileBin(0.5)).isZero();
    }
}

package io.understudy.evidence;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A histogram of values in fine bins, each equally wide relative to its values, 5 % unless said otherwise. The bins are fixed, so histograms of
 * different partitions can be merged, and coarser bins can be derived from them later. Mutable, for one thread.
 */
final class LogHistogram {

    private static final double DEFAULT_WIDTH = Math.log(1.05);
    /** Values closer to zero are counted in bin 0. */
    private static final double SMALLEST = 1e-9;

    private final TreeMap<Integer, Long> counts = new TreeMap<>();
    private final double binWidth;

    LogHistogram() {
        this(DEFAULT_WIDTH);
    }

    /**
     * Creates a histogram without values.
     *
     * @param binWidth ln of a bin's upper end over its lower end, greater than 0
     */
    LogHistogram(double binWidth) {
        this.binWidth = binWidth;
    }

    void add(double value) {
        add(bin(value), 1);
    }

    void add(int bin, long count) {
        counts.merge(bin, count, Long::sum);
    }

    void addAll(LogHistogram other) {
        other.counts.forEach(this::add);
    }

    /** Counts by bin, in ascending order of the values. */
    Map<Integer, Long> counts() {
        return counts;
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private int bin(double value) {
        double size = Math.abs(value);
        if (size < SMALLEST) {
            return 0;
        }
        int bin = 1 + (int) Math.floor(Math.log(size / SMALLEST) / binWidth);
        return value < 0 ? -bin : bin;
    }

    /** The quantile {@code q}, 0 to 1, accurate to the width of a bin; NaN without values. */
    double quantile(double q) {
        int bin = quantileBin(q);
        return counts.isEmpty() ? Double.NaN : (lower(bin) + upper(bin)) / 2;
    }

    /** The bin that contains the quantile {@code q}, 0 to 1; bin 0 without values. */
    int quantileBin(double q) {
        long rank = (long) Math.ceil(q * total());
        long cumulated = 0;
        for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
            cumulated += entry.getValue();
            if (cumulated >= rank) {
                return entry.getKey();
            }
        }
        return 0;
    }

    /** The next bin with values below {@code bin}; without one, the bin before it. */
    int binBelow(int bin) {
        Integer below = counts.lowerKey(bin);
        return below == null ? bin - 1 : below;
    }

    /** The number of values in bins above {@code bin}. */
    long above(int bin) {
        return counts.tailMap(bin, false).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** The lower bound of the lowest bin with values; NaN without values. */
    double lowest() {
        return counts.isEmpty() ? Double.NaN : lower(counts.firstKey());
    }

    /** The upper bound of the highest bin with values; NaN without values. */
    double highest() {
        return counts.isEmpty() ? Double.NaN : upper(counts.lastKey());
    }

    /**
     * The fractions of the values between neighbouring edges. If an edge cuts a fine bin, the count of the bin is
     * divided in proportion to the widths.
     *
     * @param edges ascending, from {@link #lowest} or less to {@link #highest} or more
     */
    double[] fractionsBetween(double... edges) {
        double[] fractions = new double[edges.length - 1];
        double total = total();
        counts.forEach((bin, count) -> {
            double low = lower(bin);
            double high = upper(bin);
            for (int i = 0; i < fractions.length; i++) {
                double inside = Math.min(high, edges[i + 1]) - Math.max(low, edges[i]);
                if (inside > 0) {
                    fractions[i] += count / total * inside / (high - low);
                }
            }
        });
        return fractions;
    }

    private double lower(int bin) {
        return bin > 0 ? SMALLEST * Math.exp((bin - 1) * binWidth) : bin == 0 ? -SMALLEST : -upper(-bin);
    }

    private double upper(int bin) {
        return bin > 0 ? SMALLEST * Math.exp(bin * binWidth) : bin == 0 ? SMALLEST : -lower(-bin);
    }

    /**
     * The edges of at most {@code coarseBins} coarse bins with about the same number of values. An edge is the last
     * fine bin of a coarse one; the last coarse bin has no edge.
     */
    int[] quantileEdges(int coarseBins) {
        long total = total();
        int[] edges = new int[coarseBins - 1];
        int found = 0;
        long cumulated = 0;
        for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
            cumulated += entry.getValue();
            while (found < edges.length && cumulated * coarseBins >= total * (found + 1L)) {
                edges[found] = entry.getKey();
                found++;
            }
        }
        return Arrays.stream(edges).distinct().sorted().toArray();
    }

    /** The counts in the coarse bins that end with {@code edges}, and in the last coarse bin after them. */
    long[] countsBetween(int[] edges) {
        long[] coarse = new long[edges.length + 1];
        counts.forEach((bin, count) -> {
            int i = 0;
            while (i < edges.length && bin > edges[i]) {
                i++;
            }
            coarse[i] += count;
        });
        return coarse;
    }
}

package io.understudy.evidence;

import java.util.Map;
import java.util.TreeMap;

/**
 * Scores counted in fine bins, 5 % wide relative to the score, that are the same everywhere: partitions need not agree on anything
 * before they count, and coarser bins are cut from them later. Mutable, for one thread.
 */
final class LogHistogram {

    private static final double GROWTH = Math.log(1.05);
    /** Scores nearer to zero share its bin. */
    private static final double SMALLEST = 1e-9;

    private final TreeMap<Integer, Long> counts = new TreeMap<>();

    void add(double score) {
        add(bin(score), 1);
    }

    void add(int bin, long count) {
        counts.merge(bin, count, Long::sum);
    }

    void addAll(LogHistogram other) {
        other.counts.forEach(this::add);
    }

    /** Counts by bin, in the order of the scores. */
    Map<Integer, Long> counts() {
        return counts;
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static int bin(double score) {
        double size = Math.abs(score);
        if (size < SMALLEST) {
            return 0;
        }
        int bin = 1 + (int) Math.floor(Math.log(size / SMALLEST) / GROWTH);
        return score < 0 ? -bin : bin;
    }

    /** A score near the part {@code q} of all from below, within a bin's width; NaN without a score. */
    double quantile(double q) {
        long wanted = (long) Math.ceil(q * total());
        long below = 0;
        for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
            below += entry.getValue();
            if (below >= wanted) {
                return (lower(entry.getKey()) + upper(entry.getKey())) / 2;
            }
        }
        return Double.NaN;
    }

    /** The lowest score that the lowest bin may have; NaN without a score. */
    double lowest() {
        return counts.isEmpty() ? Double.NaN : lower(counts.firstKey());
    }

    /** The highest score that the highest bin may have; NaN without a score. */
    double highest() {
        return counts.isEmpty() ? Double.NaN : upper(counts.lastKey());
    }

    /**
     * The parts of all scores between edges; a fine bin that an edge cuts is divided in proportion.
     *
     * @param edges ascending, from {@link #lowest} or below to {@link #highest} or above
     */
    double[] partsBetween(double... edges) {
        double[] parts = new double[edges.length - 1];
        double total = total();
        counts.forEach((bin, count) -> {
            double low = lower(bin);
            double high = upper(bin);
            for (int part = 0; part < parts.length; part++) {
                double inside = Math.min(high, edges[part + 1]) - Math.max(low, edges[part]);
                if (inside > 0) {
                    parts[part] += count / total * inside / (high - low);
                }
            }
        });
        return parts;
    }

    private static double lower(int bin) {
        return bin > 0 ? SMALLEST * Math.exp((bin - 1) * GROWTH) : bin == 0 ? -SMALLEST : -upper(-bin);
    }

    private static double upper(int bin) {
        return bin > 0 ? SMALLEST * Math.exp(bin * GROWTH) : bin == 0 ? SMALLEST : -lower(-bin);
    }

    /** The last fine bin of each of at most {@code parts} coarse ones with about equally many scores; the last part is open. */
    int[] quantileEdges(int parts) {
        long total = total();
        int[] edges = new int[parts - 1];
        int found = 0;
        long below = 0;
        for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
            below += entry.getValue();
            boolean crossed = false;
            while (found < edges.length && below * parts >= total * (found + 1L)) {
                if (!crossed) {
                    edges[found] = entry.getKey();
                }
                crossed = true;
                found++;
            }
        }
        return java.util.Arrays.stream(edges).distinct().sorted().toArray();
    }

    /** The counts in the coarse bins that end with {@code edges}, and in the one beyond. */
    long[] countsBetween(int[] edges) {
        long[] coarse = new long[edges.length + 1];
        counts.forEach((bin, count) -> {
            int part = 0;
            while (part < edges.length && bin > edges[part]) {
                part++;
            }
            coarse[part] += count;
        });
        return coarse;
    }
}

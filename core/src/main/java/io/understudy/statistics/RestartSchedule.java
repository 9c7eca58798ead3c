package io.understudy.statistics;

/**
 * When evidence of harm is started again, and the weight of each start.
 *
 * <p>Evidence since the beginning sinks while all is well, and a change that comes late would first have to make up for
 * that. An e-detector therefore starts again and again: {@code R(t) = sum of w_k E_k(t)} over the starts k so far, where
 * E_k is an e-process of the observations since k. The weights of all starts, future ones included, add up to 1, so R is
 * at most a mean of e-processes. If there is no harm at any time, R ever reaches 1/alpha with a probability of at most
 * alpha, and detection costs ln(1/w_k) more than a test that knew when to begin. To drop a start is conservative. (J.
 * Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2024.)
 *
 * <p>Half of the weight is on the beginning. The other half is spread over blocks, each twice as long as the block
 * before: the block from window 2^j to 2^(j+1) has {@code startsPerBlock} starts at equal distances, or one a window if
 * it is shorter. The first {@value #EVEN_BLOCKS} blocks have equal weights, nine tenths of the half; block j after them
 * has {@code 1/((i+1)(i+2))} of the last tenth, with {@code i = j -} {@value #EVEN_BLOCKS}.
 *
 * @param startsPerBlock the largest number of starts in one block, a power of 2
 */
public record RestartSchedule(int startsPerBlock) {

    /** Blocks of equal weight: together 16,383 windows, most of a day of five seconds each. */
    private static final int EVEN_BLOCKS = 14;

    private static final double HALF = 0.5;
    private static final double OF_EVEN_BLOCKS = 0.9;

    /** ln of the weight of the beginning. */
    public static final double LOG_WEIGHT_OF_BEGINNING = Math.log(HALF);

    /**
     * Checks the number of starts.
     *
     * @throws IllegalArgumentException if it is not a power of 2
     */
    public RestartSchedule {
        if (Integer.bitCount(startsPerBlock) != 1) {
            throw new IllegalArgumentException("startsPerBlock is " + startsPerBlock + "; it must be a power of 2");
        }
    }

    /** The number of starts to keep: those of the newer half of the time, and as many of the older ones. */
    public int mostStarts() {
        return 2 * startsPerBlock;
    }

    /**
     * Whether evidence is started again before a window.
     *
     * @param window the number of windows before it, at least 1
     */
    public boolean isStart(long window) {
        long blockStart = Long.highestOneBit(window);
        return (window - blockStart) % Math.max(1, blockStart / startsPerBlock) == 0;
    }

    /**
     * ln of the weight of a start.
     *
     * @param window the number of windows before the start, at least 1
     */
    public double logWeight(long window) {
        long blockStart = Long.highestOneBit(window);
        int block = Long.numberOfTrailingZeros(blockStart);
        int later = block - EVEN_BLOCKS;
        double ofBlock =
                later < 0 ? OF_EVEN_BLOCKS / EVEN_BLOCKS : (1 - OF_EVEN_BLOCKS) / ((later + 1.0) * (later + 2.0));
        return Math.log(HALF * ofBlock / Math.min(startsPerBlock, blockStart));
    }
}

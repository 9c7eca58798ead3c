package io.understudy.evidence;

/** The distributions of one arm's scores and latencies. Mutable, for one thread. */
final class AnswerHistograms {

    private final LogHistogram scores = new LogHistogram();
    private final LogHistogram latencies = new LogHistogram();

    void addAll(AnswerHistograms other) {
        scores.addAll(other.scores);
        latencies.addAll(other.latencies);
    }

    LogHistogram scores() {
        return scores;
    }

    /** Milliseconds from routing to answer. */
    LogHistogram latencies() {
        return latencies;
    }
}

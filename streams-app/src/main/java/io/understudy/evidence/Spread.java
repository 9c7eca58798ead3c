package io.understudy.evidence;

/** How one arm's answers are spread: their scores, and how long they took. Mutable, for one thread. */
final class Spread {

    private final ScoreHistogram scores = new ScoreHistogram();
    private final ScoreHistogram latencies = new ScoreHistogram();

    void addAll(Spread other) {
        scores.addAll(other.scores);
        latencies.addAll(other.latencies);
    }

    ScoreHistogram scores() {
        return scores;
    }

    /** Milliseconds from routing to answer. */
    ScoreHistogram latencies() {
        return latencies;
    }
}

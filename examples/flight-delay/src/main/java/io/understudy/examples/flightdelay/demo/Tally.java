package io.understudy.examples.flightdelay.demo;

import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.Verdict;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the topics say, request by request: who answered, how often, and how well. Knows only what it is shown, so a request that
 * was sent and never answered is found here and nowhere else. Not safe for several threads.
 */
final class Tally {

    private static final double DECISION = 0.5;
    private static final Set<Verdict> DECISIVE =
            EnumSet.of(Verdict.PASS, Verdict.ABORT, Verdict.INVALID, Verdict.INCONCLUSIVE);

    private final Map<String, Entry> entries = new HashMap<>();
    private final ForecastQuality existing = new ForecastQuality();
    private final ForecastQuality candidate = new ForecastQuality();
    private RolloutEvaluation evaluation;
    private long requests;
    private long served;
    private long shadowed;
    private long duplicated;
    private long failed;
    private long outcomes;
    private long deadLettered;
    private long compared;
    private long agreed;
    private double differences;
    private double absoluteDifferences;

    private static final class Entry {
        private boolean requested;
        private int served;
        private int shadowed;
        private Double existingScore;
        private Double candidateScore;
        private Boolean late;
        private boolean judged;
    }

    void request(String id) {
        Entry entry = entry(id);
        if (entry.requested) {
            throw new IllegalStateException("request " + id + " was sent twice; the replay is at fault");
        }
        entry.requested = true;
        requests++;
    }

    void servedPrediction(Prediction prediction) {
        Entry entry = entry(prediction.getRequestId());
        entry.existingScore = score(prediction);
        duplicated += entry.served++ == 0 ? 0 : 1;
        served++;
        judge(entry);
    }

    void shadowPrediction(Prediction prediction) {
        Entry entry = entry(prediction.getRequestId());
        entry.candidateScore = score(prediction);
        duplicated += entry.shadowed++ == 0 ? 0 : 1;
        shadowed++;
        judge(entry);
    }

    void outcome(Outcome outcome) {
        Entry entry = entry(outcome.getRequestId());
        entry.late = (Boolean) outcome.getValue();
        outcomes++;
        judge(entry);
    }

    void deadLetter() {
        deadLettered++;
    }

    private Double score(Prediction prediction) {
        if (prediction.getStatus() != PredictionStatus.OK) {
            failed++;
            return null;
        }
        return prediction.getScore();
    }

    private Entry entry(String id) {
        return entries.computeIfAbsent(id, absent -> new Entry());
    }

    /** Both models are judged on the same requests: those that both have answered and whose outcome is known. */
    private void judge(Entry entry) {
        if (entry.judged || entry.existingScore == null || entry.candidateScore == null || entry.late == null) {
            return;
        }
        entry.judged = true;
        existing.add(entry.existingScore, entry.late);
        candidate.add(entry.candidateScore, entry.late);
        double difference = entry.candidateScore - entry.existingScore;
        compared++;
        differences += difference;
        absoluteDifferences += Math.abs(difference);
        agreed += entry.existingScore > DECISION == entry.candidateScore > DECISION ? 1 : 0;
    }

    /** The first verdict that decides is the rollout's; until then, the last one. */
    void evaluation(RolloutEvaluation made) {
        if (!isDecided()) {
            evaluation = made;
        }
    }

    /** Whether a verdict has been given that ends the stage. */
    boolean isDecided() {
        return evaluation != null && DECISIVE.contains(evaluation.getVerdict());
    }

    /** The verdict so far, with its evidence; null before the first. */
    RolloutEvaluation evaluation() {
        return evaluation;
    }

    long requests() {
        return requests;
    }

    long served() {
        return served;
    }

    long shadowed() {
        return shadowed;
    }

    long outcomes() {
        return outcomes;
    }

    ForecastQuality existing() {
        return existing;
    }

    ForecastQuality candidate() {
        return candidate;
    }

    /** The share of requests on which both models say the same: late or not. NaN before the first. */
    double agreement() {
        return (double) agreed / compared;
    }

    /** Whether every request sent so far has its answers and its outcome. */
    boolean isComplete() {
        return served >= requests && shadowed >= requests && outcomes >= requests;
    }

    /** Everything, once the topics have been read to their ends. */
    Summary summary(Summary.Latency latency, double seconds) {
        long lost = 0;
        long unasked = 0;
        for (Entry entry : entries.values()) {
            if (entry.requested) {
                lost += (entry.served == 0 ? 1 : 0) + (entry.shadowed == 0 ? 1 : 0);
            } else {
                unasked++;
            }
        }
        return new Summary(
                requests,
                served,
                shadowed,
                lost,
                duplicated,
                unasked,
                failed,
                deadLettered,
                outcomes,
                new Summary.Quality(existing.brier(), existing.logLoss()),
                new Summary.Quality(candidate.brier(), candidate.logLoss()),
                differences / compared,
                absoluteDifferences / compared,
                agreement(),
                latency,
                Summary.Judgement.of(evaluation, isDecided()),
                seconds);
    }
}

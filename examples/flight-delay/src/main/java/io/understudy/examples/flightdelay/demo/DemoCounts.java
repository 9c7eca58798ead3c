package io.understudy.examples.flightdelay.demo;

import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.StageKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts the content of the topics, request by request: which model answered, how often, and how well. It uses nothing
 * but the records of the topics, so it also finds requests that were never answered. Not safe for several threads.
 */
final class DemoCounts {

    private static final double DECISION_THRESHOLD = 0.5;
    private static final Set<RolloutEventType> ENDS_A_STAGE = EnumSet.of(
            RolloutEventType.ADVANCED,
            RolloutEventType.PROMOTED,
            RolloutEventType.ABORTED,
            RolloutEventType.HELD,
            RolloutEventType.BREAKER_OPENED);

    private final Rollout rollout;
    private final SplitLog split = new SplitLog();
    private final List<Summary.EndedStage> stages = new ArrayList<>();
    private final Map<String, Entry> entries = new HashMap<>();
    private final ForecastQuality existing = new ForecastQuality();
    private final ForecastQuality candidate = new ForecastQuality();
    private Rollout current;
    private RolloutEvaluation evaluation;
    private long mirrored;
    private Long flightsToVerdict;
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

    /**
     * Creates empty counts.
     *
     * @param rollout the rollout at its start
     */
    DemoCounts(Rollout rollout) {
        this.rollout = rollout;
        this.current = rollout;
    }

    private static final class Entry {
        private boolean requested;
        private boolean mirrored;
        private int served;
        private int shadowed;
        private Double existingScore;
        private Double candidateScore;
        private Boolean late;
        private boolean compared;
    }

    void request(String id) {
        Entry entry = entry(id);
        if (entry.requested) {
            throw new IllegalStateException("request " + id + " was sent twice; this is an error of the replay");
        }
        entry.requested = true;
        requests++;
    }

    void servedPrediction(String key, Prediction prediction) {
        Entry entry = entry(prediction.getRequestId());
        entry.existingScore = score(prediction);
        duplicated += entry.served++ == 0 ? 0 : 1;
        served++;
        if (prediction.getRollout() != null) {
            split.count(key, prediction);
            boolean shadow = rollout.getStages().get(prediction.getStage()).getKind() == StageKind.SHADOW;
            mirrored += shadow && !entry.mirrored ? 1 : 0;
            entry.mirrored |= shadow;
        }
        compare(entry);
    }

    /**
     * An answer of the candidate, before the guard. Only answers in shadow count here; a served answer appears again on
     * the topic predictions.
     */
    void shadowPrediction(Prediction prediction) {
        if (!prediction.getMirrored()) {
            return;
        }
        Entry entry = entry(prediction.getRequestId());
        entry.candidateScore = score(prediction);
        duplicated += entry.shadowed++ == 0 ? 0 : 1;
        shadowed++;
        compare(entry);
    }

    void outcome(Outcome outcome) {
        Entry entry = entry(outcome.getRequestId());
        entry.late = (Boolean) outcome.getValue();
        outcomes++;
        compare(entry);
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

    /** Compares both models on the same requests: those that both have answered and that have a known outcome. */
    private void compare(Entry entry) {
        if (entry.compared || entry.existingScore == null || entry.candidateScore == null || entry.late == null) {
            return;
        }
        entry.compared = true;
        existing.add(entry.existingScore, entry.late);
        candidate.add(entry.candidateScore, entry.late);
        double difference = entry.candidateScore - entry.existingScore;
        compared++;
        differences += difference;
        absoluteDifferences += Math.abs(difference);
        agreed += entry.existingScore > DECISION_THRESHOLD == entry.candidateScore > DECISION_THRESHOLD ? 1 : 0;
    }

    void evaluation(RolloutEvaluation latest) {
        evaluation = latest;
    }

    /** Records the end of stages and the new state of the rollout. */
    void event(RolloutEvent event) {
        if (event.getState() == null || event.getState().getRollout() == null) {
            return;
        }
        if (ENDS_A_STAGE.contains(event.getType())) {
            stages.add(Summary.EndedStage.of(rollout, current.getStage(), event, served));
        }
        current = event.getState().getRollout();
        if (hasEnded() && flightsToVerdict == null) {
            flightsToVerdict = served;
        }
    }

    /** Whether the rollout has been promoted or aborted. */
    boolean hasEnded() {
        return current.getEndedAt() != null;
    }

    /** The rollout after its last event. */
    Rollout current() {
        return current;
    }

    /** The last evaluation; null before the first. */
    RolloutEvaluation evaluation() {
        return evaluation;
    }

    SplitLog split() {
        return split;
    }

    List<Summary.EndedStage> stages() {
        return stages;
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

    /** The share of requests for which both models give the same answer: late or not. NaN before the first. */
    double agreement() {
        return (double) agreed / compared;
    }

    /** Whether every request sent so far has its answer, its outcome, and an answer in shadow if it was mirrored. */
    boolean isComplete() {
        return served >= requests && shadowed >= mirrored && outcomes >= requests;
    }

    /** The summary. Call it after the topics have been read to their ends. */
    Summary summary(String scenario, Summary.Latency latency, double seconds) {
        long lost = 0;
        long unasked = 0;
        for (Entry entry : entries.values()) {
            if (entry.requested) {
                lost += (entry.served == 0 ? 1 : 0) + (entry.mirrored && entry.shadowed == 0 ? 1 : 0);
            } else {
                unasked++;
            }
        }
        return new Summary(
                scenario,
                current.getStatus().name(),
                current.getReason(),
                List.copyOf(stages),
                flightsToVerdict,
                split.servedByCandidate(),
                split.fallbacks(),
                split.switchedBack(),
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
                Summary.evidence(evaluation),
                seconds);
    }
}

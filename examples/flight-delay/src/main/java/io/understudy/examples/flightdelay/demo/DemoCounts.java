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
 * What the topics say, request by request: who answered, how often, and how well. Knows only what it is shown, so a request that
 * was sent and never answered is found here and nowhere else. Not safe for several threads.
 */
final class DemoCounts {

    private static final double DECISION = 0.5;
    private static final Set<RolloutEventType> LEAVES_A_STAGE = EnumSet.of(
            RolloutEventType.ADVANCED,
            RolloutEventType.PROMOTED,
            RolloutEventType.ABORTED,
            RolloutEventType.HELD,
            RolloutEventType.BREAKER_OPENED);

    private final Rollout rollout;
    private final SplitLog split = new SplitLog();
    private final List<Summary.StageLeft> stages = new ArrayList<>();
    private final Map<String, Entry> entries = new HashMap<>();
    private final ForecastQuality existing = new ForecastQuality();
    private final ForecastQuality candidate = new ForecastQuality();
    private Rollout now;
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

    /** A tally of {@code rollout}, as it was when it started. */
    DemoCounts(Rollout rollout) {
        this.rollout = rollout;
        this.now = rollout;
    }

    private static final class Entry {
        private boolean requested;
        private boolean mirrored;
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
        judge(entry);
    }

    /** An answer of the candidate's, before any guard: those that are served come again. */
    void shadowPrediction(Prediction prediction) {
        if (!prediction.getMirrored()) {
            return;
        }
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

    void evaluation(RolloutEvaluation made) {
        evaluation = made;
    }

    /** Takes note of where the rollout goes. */
    void event(RolloutEvent event) {
        if (event.getState() == null || event.getState().getRollout() == null) {
            return;
        }
        if (LEAVES_A_STAGE.contains(event.getType())) {
            stages.add(Summary.StageLeft.of(rollout, now.getStage(), event, served));
        }
        now = event.getState().getRollout();
        if (isOver() && flightsToVerdict == null) {
            flightsToVerdict = served;
        }
    }

    /** Whether the rollout has been promoted or aborted. */
    boolean isOver() {
        return now.getEndedAt() != null;
    }

    /** The rollout as its last event left it. */
    Rollout now() {
        return now;
    }

    /** The last look at the evidence; null before the first. */
    RolloutEvaluation evaluation() {
        return evaluation;
    }

    SplitLog split() {
        return split;
    }

    List<Summary.StageLeft> stages() {
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

    /** The share of requests on which both models say the same: late or not. NaN before the first. */
    double agreement() {
        return (double) agreed / compared;
    }

    /** Whether every request sent so far has its answer, its shadow's where it was mirrored, and its outcome. */
    boolean isComplete() {
        return served >= requests && shadowed >= mirrored && outcomes >= requests;
    }

    /** Everything, once the topics have been read to their ends. */
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
                now.getStatus().name(),
                now.getReason(),
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

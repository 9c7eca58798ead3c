package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.OutcomeValue;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.Disagreement;
import io.understudy.schema.Prediction;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.TwoByTwoTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.codec.digest.MurmurHash3;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one stage in one window: the unit of evidence. A window is cut by time, never by content. The
 * counts of several partitions merge by adding. Mutable, for one thread.
 */
public final class WindowCounts {

    /** The number of disagreements that a window keeps. */
    static final int MAX_DISAGREEMENTS = 10;

    /** Makes the buckets of keys independent of the hash that chooses the arm. */
    private static final int SEED = 0x5eed;

    private static final Comparator<Disagreement> LARGEST_FIRST = Comparator.comparingDouble(
                    (Disagreement disagreement) -> -Math.abs(disagreement.getCandidate() - disagreement.getExisting()))
            .thenComparing(Disagreement::getRequestId);

    private final StagePlan stage;
    private final List<Tally> tallies;
    private final List<DataCheck> checks;
    private final KeySketch existingKeys = new KeySketch();
    private final KeySketch candidateKeys = new KeySketch();
    private final List<Disagreement> disagreements = new ArrayList<>();
    private final AnswerHistograms existingAnswers = new AnswerHistograms();
    private final AnswerHistograms candidateAnswers = new AnswerHistograms();
    private final boolean byKey;
    private final boolean atRest;
    private final CompleteRequests complete = new CompleteRequests();
    private final RequestCounts coverage;
    private final RequestCounts matureCoverage;
    private long existingRequests;
    private long candidateRequests;
    private long existingLabelled;
    private long candidateLabelled;
    private long requestsAhead;
    private boolean closedByWallClock;
    private boolean observed;

    private WindowCounts(StagePlan stage, boolean byKey, boolean atRest) {
        this.stage = stage;
        this.byKey = byKey;
        this.atRest = atRest;
        this.tallies = stage.metrics().stream()
                .map(metric -> Tallies.empty(metric, stage, byKey))
                .toList();
        this.coverage = RequestCounts.withObservations(stage);
        this.matureCoverage = RequestCounts.withObservations(stage);
        this.checks = tallies.stream().map(tally -> new DataCheck()).toList();
    }

    /**
     * No observations yet, of data at rest: nothing is still to come. A request that is counted is complete and old
     * enough to have its outcome, and what is missing is lost.
     */
    public static WindowCounts empty(StagePlan stage, boolean byKey) {
        return new WindowCounts(stage, byKey, true);
    }

    /**
     * No observations yet, of data under way. The caller counts with {@link #complete} and {@link #coverage} which
     * requests are complete, and which have their outcome.
     */
    public static WindowCounts underWay(StagePlan stage, boolean byKey) {
        return new WindowCounts(stage, byKey, false);
    }

    /** The bucket of a key, 0 to {@link KeyGroupSums#COUNT} - 1. */
    public static int bucket(byte[] key) {
        int hash = MurmurHash3.hash32x86(key, 0, key.length, SEED);
        return (int) ((Integer.toUnsignedLong(hash) * KeyGroupSums.COUNT) >>> 32);
    }

    /** The bucket of unit number {@code unit}, from 0: units take turns. */
    public static int bucket(long unit) {
        return (int) (unit % KeyGroupSums.COUNT);
    }

    /**
     * Counts a request of an arm, and its key.
     *
     * @param key the key; null if keys are not counted
     */
    public void request(Arm arm, byte @Nullable [] key) {
        if (arm == Arm.CANDIDATE) {
            candidateRequests++;
        } else {
            existingRequests++;
        }
        if (key != null) {
            (arm == Arm.CANDIDATE ? candidateKeys : existingKeys).add(key);
        }
        if (atRest) {
            int bucket = byKey && key != null ? bucket(key) : 0;
            complete.add(arm, bucket, byKey ? key : null);
            coverage.request(arm, bucket);
            matureCoverage.request(arm, bucket);
        }
    }

    /**
     * Counts many requests of an arm at once, where requests are the units: each of them is complete, has its outcome, and
     * is an observation of every metric of the stage, all of which are rates.
     *
     * @param ones for each metric, the number of observations that are 1; the others are 0
     */
    public void requests(Arm arm, long requests, long... ones) {
        boolean candidate = arm == Arm.CANDIDATE;
        addCounts(candidate ? 0 : requests, candidate ? requests : 0, 0, 0);
        complete.requests().observed(arm, requests);
        coverage.observed(arm, requests);
        matureCoverage.observed(arm, requests);
        if (stage.needsOutcomes()) {
            addCounts(0, 0, candidate ? 0 : requests, candidate ? requests : 0);
        }
        for (int i = 0; i < ones.length; i++) {
            ((Tally.Rates) tallies.get(i))
                    .add(
                            candidate
                                    ? new TwoByTwoTable(0, 0, requests, ones[i])
                                    : new TwoByTwoTable(requests, ones[i], 0, 0));
        }
        observed |= requests > 0;
    }

    /** The requests that were routed so long ago that the answers of both arms have arrived. */
    public CompleteRequests complete() {
        return complete;
    }

    /** Which requests are an observation of each metric that needs an outcome, and which are not, or not yet. */
    public RequestCounts coverage() {
        return coverage;
    }

    /** The same for requests that are old enough to have their outcome. */
    public RequestCounts matureCoverage() {
        return matureCoverage;
    }

    /**
     * Counts an answer: its request, its score and latency, and every metric that is measured on answers alone.
     *
     * @param arm the arm it counts for
     * @param key the record's key
     * @param bucket the bucket of the key
     */
    public void answer(Arm arm, byte[] key, int bucket, Prediction prediction) {
        request(arm, key);
        double score = ModelAnswer.of(prediction).score();
        // Where the existing model stood in, the score is not the candidate's, but the wait is its users'.
        answer(arm, prediction.getFallback() ? Double.NaN : score, Observations.latencyMillis(prediction));
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricSpec metric = stage.metrics().get(i);
            if (metric.kind() == MetricKind.SCORE_DRIFT) {
                observe(i, arm, bucket, score);
            } else if (metric.kind().isMeasuredOnAnswers()) {
                observe(i, arm, bucket, Observations.ofPrediction(metric, prediction));
            }
        }
    }

    /** Counts an answer of an arm by its score and its milliseconds from routing to answer; NaN is none. */
    public void answer(Arm arm, double score, double latencyMillis) {
        AnswerHistograms answers = arm == Arm.CANDIDATE ? candidateAnswers : existingAnswers;
        if (!Double.isNaN(score)) {
            answers.scores().add(score);
        }
        if (!Double.isNaN(latencyMillis)) {
            answers.latencies().add(latencyMillis);
        }
    }

    /** Counts a request of an arm whose outcome has become known. */
    public void labelled(Arm arm) {
        if (arm == Arm.CANDIDATE) {
            candidateLabelled++;
        } else {
            existingLabelled++;
        }
    }

    /** Counts a request whose sender's clock is ahead. */
    public void ahead() {
        requestsAhead++;
    }

    /** Adds an observation in one arm for metric {@code metric} of the stage, from 0; NaN is not counted. */
    public void observe(int metric, Arm arm, int bucket, double value) {
        if (!Double.isNaN(value)) {
            tallies.get(metric).observe(arm, bucket, value);
            observed = true;
            cover(metric, arm, bucket);
        }
    }

    /** Adds an observation of both models on the same request; it is not counted if one of the values is NaN. */
    public void observePair(int metric, int bucket, double existing, double candidate) {
        if (!Double.isNaN(existing) && !Double.isNaN(candidate)) {
            tallies.get(metric).observePair(bucket, existing, candidate);
            observed = true;
        }
        if (!Double.isNaN(existing)) {
            cover(metric, Arm.EXISTING, bucket);
        }
        if (!Double.isNaN(candidate)) {
            cover(metric, Arm.CANDIDATE, bucket);
        }
    }

    private void cover(int metric, Arm arm, int bucket) {
        if (atRest) {
            coverage.observation(metric, arm, byKey ? bucket : 0);
            matureCoverage.observation(metric, arm, byKey ? bucket : 0);
        }
    }

    /**
     * Adds an answer of one arm with its outcome, for metric {@code metric} of the stage, from 0.
     *
     * @param outcome a Double, Boolean or String
     * @return whether they make an observation
     */
    public boolean observeOutcome(int metric, Arm arm, int bucket, ModelAnswer answer, Object outcome) {
        double value = checked(metric, arm, answer, outcome);
        observe(metric, arm, bucket, value);
        return !Double.isNaN(value);
    }

    /**
     * Adds both models' answers to the same request with its outcome.
     *
     * @return the arms whose answer makes an observation with the outcome
     */
    public List<Arm> observeOutcomePair(
            int metric, int bucket, ModelAnswer existing, ModelAnswer candidate, Object outcome) {
        double ofExisting = checked(metric, Arm.EXISTING, existing, outcome);
        double ofCandidate = checked(metric, Arm.CANDIDATE, candidate, outcome);
        observePair(metric, bucket, ofExisting, ofCandidate);
        List<Arm> observedArms = new ArrayList<>();
        if (!Double.isNaN(ofExisting)) {
            observedArms.add(Arm.EXISTING);
        }
        if (!Double.isNaN(ofCandidate)) {
            observedArms.add(Arm.CANDIDATE);
        }
        return observedArms;
    }

    /**
     * Adds both outcomes of a ratio.
     *
     * @param numerator a Double, Boolean or String
     * @param denominator a Double, Boolean or String
     * @return whether they make an observation
     */
    public boolean observeRatioOutcomes(int metric, Arm arm, int bucket, Object numerator, Object denominator) {
        double below = OutcomeValue.number(denominator);
        double above = Observations.capped(stage.metrics().get(metric), OutcomeValue.number(numerator));
        boolean usable = !Double.isNaN(above) && below >= 0;
        if (!usable) {
            checks.get(metric).unusableOutcome();
            observed = true;
        }
        observeRatio(metric, arm, bucket, above, below);
        return usable;
    }

    /** Adds a numerator and its denominator; it is not counted if one is NaN or the denominator is below 0. */
    public void observeRatio(int metric, Arm arm, int bucket, double numerator, double denominator) {
        if (!Double.isNaN(numerator) && denominator >= 0) {
            ((Tally.Ratios) tallies.get(metric)).observe(arm, bucket, numerator, denominator);
            observed = true;
            cover(metric, arm, bucket);
        }
    }

    /** The observation; NaN if there is none, which is counted unless the model failed. */
    private double checked(int metric, Arm arm, ModelAnswer answer, Object outcome) {
        MetricSpec spec = stage.metrics().get(metric);
        DataCheck check = checks.get(metric);
        double value = Observations.ofOutcome(spec, answer, outcome);
        if (!Observations.isUsable(spec, answer, outcome)) {
            check.unusableOutcome();
            observed = true;
        } else if (!Double.isNaN(value)) {
            if (spec.kind().readsClasses()) {
                check.outcome(outcome);
            }
            check.label(arm, Observations.comparesLabel(spec, answer) ? answer.label() : null);
        } else if (!answer.isEmpty()) {
            check.unusableAnswer(arm);
            observed = true;
        }
        return value;
    }

    /** Adds the models' scores of one request, which the window keeps if it is one of the largest disagreements. */
    public void disagreement(String requestId, double existing, double candidate) {
        if (existing != candidate && !Double.isNaN(existing) && !Double.isNaN(candidate)) {
            keepIfLarge(new Disagreement(requestId, existing, candidate));
        }
    }

    void keepIfLarge(Disagreement disagreement) {
        if (disagreements.size() == MAX_DISAGREEMENTS
                && LARGEST_FIRST.compare(disagreement, disagreements.get(MAX_DISAGREEMENTS - 1)) >= 0) {
            return;
        }
        disagreements.add(disagreement);
        disagreements.sort(LARGEST_FIRST);
        if (disagreements.size() > MAX_DISAGREEMENTS) {
            disagreements.remove(MAX_DISAGREEMENTS);
        }
    }

    /** Records that the wall clock closed the window because traffic had stopped. */
    public void closedByWallClock() {
        closedByWallClock = true;
    }

    /** Records that there are observations, for counts that are restored from a record. */
    void markObserved() {
        observed = true;
    }

    /** Adds the counts of another partition in the same window, or of another window. */
    public void addAll(WindowCounts other) {
        addCounts(other.existingRequests, other.candidateRequests, other.existingLabelled, other.candidateLabelled);
        existingKeys.addAll(other.existingKeys);
        candidateKeys.addAll(other.candidateKeys);
        existingAnswers.addAll(other.existingAnswers);
        candidateAnswers.addAll(other.candidateAnswers);
        for (int i = 0; i < tallies.size(); i++) {
            tallies.get(i).addAll(other.tallies.get(i));
            checks.get(i).addAll(other.checks.get(i));
        }
        other.disagreements.forEach(this::keepIfLarge);
        complete.addAll(other.complete);
        coverage.addAll(other.coverage);
        matureCoverage.addAll(other.matureCoverage);
        requestsAhead += other.requestsAhead;
        closedByWallClock |= other.closedByWallClock;
        observed |= other.observed;
    }

    void addCounts(long existing, long candidate, long labelledExisting, long labelledCandidate) {
        existingRequests += existing;
        candidateRequests += candidate;
        existingLabelled += labelledExisting;
        candidateLabelled += labelledCandidate;
    }

    void addRequestsAhead(long requests) {
        requestsAhead += requests;
    }

    long requestsAhead() {
        return requestsAhead;
    }

    /** Whether there are neither requests nor observations. */
    public boolean isEmpty() {
        return !observed
                && existingRequests + candidateRequests + existingLabelled + candidateLabelled == 0
                && complete.isEmpty()
                && matureCoverage.isEmpty();
    }

    StagePlan stage() {
        return stage;
    }

    List<Tally> tallies() {
        return tallies;
    }

    /** What is wrong with the data of each metric. */
    List<DataCheck> checks() {
        return checks;
    }

    KeySketch existingKeys() {
        return existingKeys;
    }

    KeySketch candidateKeys() {
        return candidateKeys;
    }

    AnswerHistograms existingAnswers() {
        return existingAnswers;
    }

    AnswerHistograms candidateAnswers() {
        return candidateAnswers;
    }

    List<Disagreement> disagreements() {
        return disagreements;
    }

    long existingRequests() {
        return existingRequests;
    }

    long candidateRequests() {
        return candidateRequests;
    }

    long existingLabelled() {
        return existingLabelled;
    }

    long candidateLabelled() {
        return candidateLabelled;
    }

    boolean isClosedByWallClock() {
        return closedByWallClock;
    }
}

package io.understudy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.DeadLetterReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of one role. */
public final class Meters {

    /** Requests forwarded to a lane, by lane and deployment. */
    public static final String ROUTED = "understudy.requests.routed";

    /** Requests that the router answered itself, because no deployment could. */
    public static final String REJECTED = "understudy.requests.rejected";

    /** Requests without a record key: served, and left out of every rollout. */
    public static final String KEYLESS = "understudy.requests.keyless";

    /** Records given up on, by role and reason. */
    public static final String DEAD_LETTERS = "understudy.dead.letters";

    /** Answers written, by lane, deployment and status. */
    public static final String PREDICTIONS = "understudy.predictions";

    /** Requests scored in one batch. */
    public static final String BATCH_SIZE = "understudy.scorer.batch.size";

    /** Requests left to an external program. */
    public static final String LEFT_TO_EXTERNAL = "understudy.scorer.external";

    /** Calls to an inference server that were made again. */
    public static final String INFERENCE_RETRIES = "understudy.scorer.inference.retries";

    /** Transactions of a scorer that were given up and done again. */
    public static final String ABORTED_BATCHES = "understudy.scorer.batches.aborted";

    /** Commands accepted, by verb. */
    public static final String COMMANDS_ACCEPTED = "understudy.commands.accepted";

    /** Commands rejected, by verb. */
    public static final String COMMANDS_REJECTED = "understudy.commands.rejected";

    /** Commands passed over because they were answered before, by verb. */
    public static final String COMMANDS_REPEATED = "understudy.commands.repeated";

    /** States on the compacted topic that could not be read; the one before stays in force. */
    public static final String UNREADABLE_STATES = "understudy.states.unreadable";

    /** Requests whose answer and outcome, or both answers, came together, by deployment. */
    public static final String JOINS_MATCHED = "understudy.evaluator.joins.matched";

    /** Answers and outcomes that came again and were passed over, by deployment. */
    public static final String JOINS_DUPLICATED = "understudy.evaluator.joins.duplicated";

    /** Requests given up after the outcome window without all that a metric needs. */
    public static final String JOINS_UNMATCHED = "understudy.evaluator.joins.unmatched";

    /** Outcomes that came after the outcome window, by deployment. */
    public static final String OUTCOMES_LATE = "understudy.evaluator.outcomes.late";

    /** Answers of a rollout or epoch that is over or was never heard of, by deployment. */
    public static final String ANSWERS_STALE = "understudy.evaluator.answers.stale";

    /** Windows closed that had something in them, by deployment and whether the wall clock closed them. */
    public static final String WINDOWS_CLOSED = "understudy.evaluator.windows.closed";

    /** Evaluations written, by deployment and verdict. */
    public static final String EVALUATIONS = "understudy.evaluator.evaluations";

    /** Evidence that the evaluator had kept or sent to itself and could not read; it begins anew, or is passed over. */
    public static final String EVIDENCE_UNREADABLE = "understudy.evaluator.evidence.unreadable";

    /** Requests that the existing model answered in the candidate's place, by deployment and how the candidate's answer ended. */
    public static final String FALLBACKS = "understudy.guard.fallbacks";

    /** The candidate's answers that nobody waited for any more: late, or a second one; by deployment. */
    public static final String LATE_ANSWERS = "understudy.guard.late";

    /** Requests whose identifier was under way already, and which the existing model answered outside the rollout, by deployment. */
    public static final String REPEATED_REQUESTS = "understudy.guard.repeated";

    /** Answers on the candidate's topic that cannot be read; the evaluator puts them aside. */
    public static final String UNREADABLE_ANSWERS = "understudy.guard.unreadable";

    /** Circuit breakers opened, by deployment. */
    public static final String BREAKERS_OPENED = "understudy.guard.breakers.opened";

    /** Mirrored requests that were too old to be scored, or of a rollout that another has followed, by deployment. */
    public static final String MIRRORS_SKIPPED = "understudy.scorer.mirrors.skipped";

    private final MeterRegistry registry;
    private final String role;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** Meters of {@code role} in {@code registry}. */
    public Meters(MeterRegistry registry, String role) {
        this.registry = registry;
        this.role = role;
    }

    /** The counter itself, for one who counts every request. */
    public Counter routed(String lane, String deployment) {
        return counter(ROUTED, "lane", lane, "deployment", deployment);
    }

    public void rejected() {
        counter(REJECTED).increment();
    }

    public void keyless() {
        counter(KEYLESS).increment();
    }

    public void deadLetter(DeadLetterReason reason) {
        counter(DEAD_LETTERS, "reason", reason.code()).increment();
    }

    /** The counter itself, for one who counts every answer. */
    public Counter predictions(String lane, String deployment, PredictionStatus status) {
        return counter(PREDICTIONS, "lane", lane, "deployment", deployment, "status", status.name());
    }

    public void batch(int size) {
        DistributionSummary.builder(BATCH_SIZE)
                .tag("role", role)
                .register(registry)
                .record(size);
    }

    public void leftToExternal(String deployment) {
        counter(LEFT_TO_EXTERNAL, "deployment", deployment).increment();
    }

    public void inferenceRetry() {
        counter(INFERENCE_RETRIES).increment();
    }

    public void abortedBatch() {
        counter(ABORTED_BATCHES).increment();
    }

    public void commandAccepted(String verb) {
        counter(COMMANDS_ACCEPTED, "verb", verb).increment();
    }

    public void commandRejected(String verb) {
        counter(COMMANDS_REJECTED, "verb", verb).increment();
    }

    public void commandRepeated(String verb) {
        counter(COMMANDS_REPEATED, "verb", verb).increment();
    }

    public void fallback(String deployment, PredictionStatus candidate) {
        counter(FALLBACKS, "deployment", deployment, "candidate", candidate.name())
                .increment();
    }

    public void lateAnswer(String deployment) {
        counter(LATE_ANSWERS, "deployment", deployment).increment();
    }

    public void repeatedRequest(String deployment) {
        counter(REPEATED_REQUESTS, "deployment", deployment).increment();
    }

    public void unreadableAnswer() {
        counter(UNREADABLE_ANSWERS).increment();
    }

    public void breakerOpened(String deployment) {
        counter(BREAKERS_OPENED, "deployment", deployment).increment();
    }

    public void mirrorSkipped(String deployment) {
        counter(MIRRORS_SKIPPED, "deployment", deployment).increment();
    }

    public void unreadableState() {
        counter(UNREADABLE_STATES).increment();
    }

    public void joinMatched(String deployment) {
        counter(JOINS_MATCHED, "deployment", deployment).increment();
    }

    public void joinDuplicated(String deployment) {
        counter(JOINS_DUPLICATED, "deployment", deployment).increment();
    }

    public void joinUnmatched() {
        counter(JOINS_UNMATCHED).increment();
    }

    public void outcomeLate(String deployment) {
        counter(OUTCOMES_LATE, "deployment", deployment).increment();
    }

    public void answerStale(String deployment) {
        counter(ANSWERS_STALE, "deployment", deployment).increment();
    }

    public void windowClosed(String deployment, boolean byWallClock) {
        counter(WINDOWS_CLOSED, "deployment", deployment, "wall_clock", Boolean.toString(byWallClock))
                .increment();
    }

    public void unreadableEvidence() {
        counter(EVIDENCE_UNREADABLE).increment();
    }

    public void evaluation(String deployment, String verdict) {
        counter(EVALUATIONS, "deployment", deployment, "verdict", verdict).increment();
    }

    /** Looked up by its tags' text first: building a meter's identity costs more than counting. */
    private Counter counter(String name, String... tags) {
        String key = name + '\0' + String.join("\0", tags);
        Counter known = counters.get(key);
        return known != null
                ? known
                : counters.computeIfAbsent(
                        key,
                        absent -> Counter.builder(name)
                                .tag("role", role)
                                .tags(tags)
                                .register(registry));
    }
}

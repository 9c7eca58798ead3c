package io.understudy.examples.flightdelay.demo;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.evidence.RulingJson;
import io.understudy.schema.RolloutEvaluation;
import java.util.List;

/**
 * What the demo ends with; all of it computed from the topics.
 *
 * @param requests requests sent
 * @param served answers in the topic that downstream reads
 * @param shadowed answers of the candidate, kept aside
 * @param lost answers that are missing, of either model
 * @param duplicated answers beyond the first to a request, of either model
 * @param unasked answers to requests that nobody sent
 * @param failed answers that are no score
 * @param deadLettered records that no role could use
 * @param outcomes flights whose outcome is known
 * @param existing how good the existing model was
 * @param candidate how good the candidate was, on the same flights
 * @param meanDifference the candidate's probability minus the existing model's, on average
 * @param meanAbsoluteDifference how far the two were apart, on average
 * @param agreement the share of flights that both call late, or both not
 * @param servedLatencyMillis from a request's record to its served answer
 * @param judgement what the evaluator made of it
 * @param seconds how long the replay took
 */
record Summary(
        long requests,
        long served,
        long shadowed,
        long lost,
        long duplicated,
        long unasked,
        long failed,
        long deadLettered,
        long outcomes,
        Quality existing,
        Quality candidate,
        double meanDifference,
        double meanAbsoluteDifference,
        double agreement,
        Latency servedLatencyMillis,
        @JsonUnwrapped Judgement judgement,
        double seconds) {

    /**
     * How good one model's probabilities were.
     *
     * @param brier mean squared error; lower is better
     * @param logLoss mean negative logarithm of what was given to what happened; lower is better
     */
    record Quality(double brier, double logLoss) {}

    /**
     * Quantiles in milliseconds.
     *
     * @param p50 the median
     * @param p99 what one in a hundred exceeds
     */
    record Latency(long p50, long p99) {}

    /**
     * The evaluator's verdict.
     *
     * @param verdict what the evidence says
     * @param flightsToVerdict flights that both models had answered by then; null when nothing is decided yet
     * @param reason why, in words and numbers
     * @param evidence by metric
     * @param warnings what a reader should know first
     */
    record Judgement(
            String verdict, Long flightsToVerdict, String reason, List<ObjectNode> evidence, List<String> warnings) {

        static Judgement of(RolloutEvaluation evaluation, boolean decided) {
            return evaluation == null
                    ? new Judgement("NONE", null, "no window was judged", List.of(), List.of())
                    : new Judgement(
                            evaluation.getVerdict().name(),
                            decided ? evaluation.getCandidate().getRequests() : null,
                            evaluation.getReason(),
                            evaluation.getMetrics().stream().map(RulingJson::of).toList(),
                            evaluation.getWarnings());
        }
    }

    /** Whether every request was answered exactly once by either model, and nothing else was. */
    boolean isFlawless() {
        return requests > 0 && lost == 0 && duplicated == 0 && unasked == 0 && deadLettered == 0;
    }
}

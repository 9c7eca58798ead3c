package io.understudy.examples.flightdelay.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.assignment.Share;
import io.understudy.judging.RulingJson;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.Stage;
import java.util.List;

/**
 * What the demo ends with; all of it computed from the topics.
 *
 * @param scenario which story was played
 * @param finalStatus where the rollout ended
 * @param reason why, in words and numbers
 * @param stages how each stage ended, in order
 * @param flightsToVerdict flights that were answered when the rollout ended; null when it did not
 * @param servedByCandidate answers of the candidate that were served
 * @param fallbacks answers of the existing model in the candidate's place
 * @param switchedBack keys that went from the candidate back to the existing model while its share grew
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
 * @param evidence what the last look at it showed, by metric
 * @param seconds how long the replay took
 */
record Summary(
        String scenario,
        @JsonProperty("final") String finalStatus,
        String reason,
        List<StageLeft> stages,
        Long flightsToVerdict,
        long servedByCandidate,
        long fallbacks,
        long switchedBack,
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
        List<ObjectNode> evidence,
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
     * How a stage ended.
     *
     * @param stage its index, from 0
     * @param kind shadow, canary or A/B
     * @param share what the candidate was given of the traffic, or of a copy of it
     * @param event what ended it
     * @param flights flights answered by then, since the beginning
     * @param reason why, in words and numbers
     */
    record StageLeft(int stage, String kind, String share, String event, long flights, String reason) {

        static StageLeft of(Rollout rollout, int stage, RolloutEvent event, long flights) {
            Stage left = rollout.getStages().get(stage);
            return new StageLeft(
                    stage,
                    left.getKind().name(),
                    new Share(Math.max(left.getShare(), left.getMirror())).toString(),
                    event.getType().name(),
                    flights,
                    event.getReason());
        }
    }

    static List<ObjectNode> evidence(RolloutEvaluation evaluation) {
        return evaluation == null
                ? List.of()
                : evaluation.getMetrics().stream().map(RulingJson::of).toList();
    }

    /** Whether every request was answered exactly once, nothing else was, and nobody was sent back. */
    boolean isFlawless() {
        return requests > 0 && lost == 0 && duplicated == 0 && unasked == 0 && deadLettered == 0 && switchedBack == 0;
    }
}

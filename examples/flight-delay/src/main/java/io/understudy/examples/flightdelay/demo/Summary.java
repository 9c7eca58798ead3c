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
 * The summary of a scenario. All values are computed from the topics.
 *
 * @param scenario name of the scenario
 * @param finalStatus final status of the rollout
 * @param reason reason for the final status, as text with numbers
 * @param stages how each stage ended, in order
 * @param flightsToVerdict number of answered flights when the rollout ended; null when it did not end
 * @param servedByCandidate number of served answers of the candidate
 * @param fallbacks number of answers of the existing model instead of the candidate
 * @param switchedBack number of keys that went from the candidate back to the existing model while the share grew
 * @param requests number of requests
 * @param served number of answers on the topic that downstream reads
 * @param shadowed number of answers of the candidate in shadow
 * @param lost number of missing answers, of either model
 * @param duplicated number of answers beyond the first to a request, of either model
 * @param unasked number of answers to requests that were not sent
 * @param failed number of answers without a score
 * @param deadLettered number of dead letters
 * @param outcomes number of flights with a known outcome
 * @param existing quality of the existing model
 * @param candidate quality of the candidate, on the same flights
 * @param meanDifference mean of the candidate's probability minus the existing model's
 * @param meanAbsoluteDifference mean absolute difference of the two probabilities
 * @param agreement share of flights for which both models give the same answer, late or not late
 * @param servedLatencyMillis latency from the record of a request to its served answer
 * @param evidence evidence of the last evaluation, by metric
 * @param seconds duration of the replay
 */
record Summary(
        String scenario,
        @JsonProperty("final") String finalStatus,
        String reason,
        List<EndedStage> stages,
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
     * The quality of the probabilities of one model.
     *
     * @param brier mean squared error; lower is better
     * @param logLoss mean negative logarithm of the probability of the actual result; lower is better
     */
    record Quality(double brier, double logLoss) {}

    /**
     * Quantiles in milliseconds.
     *
     * @param p50 the median
     * @param p99 the 99th percentile
     */
    record Latency(long p50, long p99) {}

    /**
     * A stage that has ended.
     *
     * @param stage index of the stage, from 0
     * @param kind shadow, canary or A/B
     * @param share share of the traffic, or of the mirrored traffic, that went to the candidate
     * @param event event that ended the stage
     * @param flights total number of flights answered at that time
     * @param reason reason of the event, as text with numbers
     */
    record EndedStage(int stage, String kind, String share, String event, long flights, String reason) {

        static EndedStage of(Rollout rollout, int index, RolloutEvent event, long flights) {
            Stage stage = rollout.getStages().get(index);
            return new EndedStage(
                    index,
                    stage.getKind().name(),
                    new Share(Math.max(stage.getShare(), stage.getMirror())).toString(),
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

    /** Whether every request was answered exactly once, there were no other answers, and no key was switched back. */
    boolean isFlawless() {
        return requests > 0 && lost == 0 && duplicated == 0 && unasked == 0 && deadLettered == 0 && switchedBack == 0;
    }
}

package io.understudy.chaos;

import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts requests and answers on its own: each request has one answer, in its partition and by the arm that the
 * assignment gives its key, at most one of the candidate, and none of those made in shadow. Not safe for several
 * threads.
 */
final class AnswerLedger {

    private final Violations violations;
    private final RolloutLedger rollouts;
    private final Silences silences;
    private final Map<String, Request> requests = new HashMap<>();
    private final Set<String> unasked = new HashSet<>();
    private long asked;
    private long answered;
    private long fallbacks;
    private long inShadow;

    AnswerLedger(Violations violations, RolloutLedger rollouts, Silences silences) {
        this.violations = violations;
        this.rollouts = rollouts;
        this.silences = silences;
    }

    private static final class Request {
        private int partition = -1;
        private int served;
        private int ofCandidate;
    }

    private Request entry(String id) {
        return requests.computeIfAbsent(id, absent -> new Request());
    }

    /** A request was read. */
    void request(String deployment, String id, int partition, long at) {
        Request request = entry(id);
        unasked.remove(id);
        if (request.partition >= 0) {
            violations.add("request " + id + " is on its topic twice: the sender's fault");
        }
        request.partition = partition;
        asked++;
        if (request.served == 0) {
            silences.request(series(deployment, partition), id, at);
        }
    }

    /** An answer for downstream was read. */
    void served(String key, int partition, Prediction answer, long at) {
        Request request = entry(answer.getRequestId());
        request.served++;
        if (request.partition < 0) {
            unasked.add(answer.getRequestId());
        } else if (request.partition != partition) {
            violations.add("request " + answer.getRequestId() + " of partition " + request.partition
                    + " is answered in partition " + partition);
        }
        if (request.served > 1) {
            violations.add(
                    "request " + answer.getRequestId() + " has " + request.served + " answers: " + brief(answer));
            return;
        }
        answered++;
        fallbacks += answer.getFallback() ? 1 : 0;
        silences.answer(series(answer.getDeployment(), partition), answer.getRequestId(), at);
        if (answer.getMirrored()) {
            violations.add("an answer in shadow was served: " + brief(answer));
        }
        if (answer.getRollout() != null) {
            RolloutLedger.Part part = RolloutLedger.Part.of(answer);
            boolean candidate = answer.getArm() == Arm.CANDIDATE || answer.getFallback();
            rollouts.arm(part, key, candidate, answer.getRequestId());
            rollouts.answer(part, candidate);
        }
    }

    /** An answer of a candidate was read, on the topic that downstream never reads. */
    void ofCandidate(Prediction answer) {
        Request request = entry(answer.getRequestId());
        request.ofCandidate++;
        if (request.ofCandidate > 1) {
            violations.add("the candidate has answered request " + answer.getRequestId() + " " + request.ofCandidate
                    + " times: " + brief(answer));
            return;
        }
        if (answer.getMirrored()) {
            inShadow++;
            rollouts.mirrored(RolloutLedger.Part.of(answer));
        }
    }

    private static String series(String deployment, int partition) {
        return deployment + "-" + partition;
    }

    private static String brief(Prediction answer) {
        return answer.getDeployment() + " " + answer.getRequestId() + " " + answer.getArm() + " "
                + answer.getModelVersion() + " " + answer.getStatus() + " epoch " + answer.getEpoch()
                + (answer.getFallback() ? " fallback " + answer.getFallbackStatus() : "");
    }

    /** The number of requests read. */
    long asked() {
        return asked;
    }

    /** The number of requests that have an answer. */
    long answered() {
        return answered;
    }

    /** The number of answers of the existing model in the candidate's place. */
    long fallbacks() {
        return fallbacks;
    }

    /** The number of answers in shadow. */
    long inShadow() {
        return inShadow;
    }

    /** Whether each request read has its answer. */
    boolean isComplete() {
        return answered >= asked;
    }

    /** To be called when nothing more can come: what is missing now is lost. */
    void close() {
        requests.forEach((id, request) -> {
            if (request.partition >= 0 && request.served == 0) {
                violations.add("request " + id + " of partition " + request.partition + " is lost");
            }
        });
        unasked.forEach(id -> violations.add("request " + id + " was answered and never asked"));
    }
}

package io.understudy.evaluation;

import io.understudy.evidence.ModelAnswer;
import io.understudy.evidence.Observations;
import io.understudy.evidence.WindowCounts;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.KeptAnswer;
import io.understudy.schema.KeptOutcome;
import io.understudy.schema.Outcome;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings together what is known of one request: answers and outcomes in whatever order, each counted once. Once a request has been
 * counted a marker stays, so that nothing that comes again is counted again.
 */
final class RequestJoin {

    private final StagePlan stage;
    private final long joined;

    RequestJoin(StagePlan stage) {
        this.stage = stage;
        long bits = 0;
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricKind kind = stage.metrics().get(i).kind();
            bits |= kind.needsOutcome() || stage.isShadow() && kind.isPairedInShadow() ? 1L << i : 0;
        }
        this.joined = bits;
    }

    /** Whether the stage needs anything joined. */
    boolean isNeeded() {
        return joined != 0;
    }

    /** Whether some metric reads an outcome of this name. */
    boolean wants(String outcome) {
        return stage.metrics().stream()
                .anyMatch(metric -> metric.kind().needsOutcome()
                        && metric.outcome().map(outcome::equals).orElse(true));
    }

    /** The request with an answer more; empty when it has that arm's already. */
    Optional<PendingRequest> withAnswer(PendingRequest before, Prediction prediction, Arm arm, long time) {
        boolean same = before != null
                && prediction.getRollout().equals(before.getRollout())
                && prediction.getEpoch() == before.getEpoch();
        if (same
                && (before.getCounted() == joined
                        || (arm == Arm.CANDIDATE ? before.getCandidate() : before.getExisting()) != null)) {
            return Optional.empty();
        }
        KeptAnswer answer = new KeptAnswer(
                prediction.getScore() == null
                                || Double.isNaN(ModelAnswer.of(prediction).score())
                        ? null
                        : prediction.getScore(),
                ModelAnswer.of(prediction).label());
        KeptAnswer existing = same ? before.getExisting() : null;
        KeptAnswer candidate = same ? before.getCandidate() : null;
        return Optional.of(new PendingRequest(
                prediction.getRollout(),
                prediction.getEpoch(),
                before == null ? time : before.getSince(),
                before == null ? time : Math.max(time, before.getLatest()),
                arm == Arm.CANDIDATE ? existing : answer,
                arm == Arm.CANDIDATE ? answer : candidate,
                before == null ? List.of() : before.getOutcomes(),
                same ? before.getCounted() : 0L,
                same && before.getLabelled()));
    }

    /** The request with an outcome more; empty when it has one of that name already. */
    Optional<PendingRequest> withOutcome(PendingRequest before, Outcome outcome, long time) {
        if (before == null) {
            return Optional.of(new PendingRequest(null, 0, time, time, null, null, List.of(kept(outcome)), 0L, false));
        }
        if (before.getRollout() != null && before.getCounted() == joined
                || before.getOutcomes().stream()
                        .anyMatch(known -> known.getName().equals(outcome.getName()))) {
            return Optional.empty();
        }
        List<KeptOutcome> outcomes = new ArrayList<>(before.getOutcomes());
        outcomes.add(kept(outcome));
        return Optional.of(new PendingRequest(
                before.getRollout(),
                before.getEpoch(),
                before.getSince(),
                Math.max(time, before.getLatest()),
                before.getExisting(),
                before.getCandidate(),
                outcomes,
                before.getCounted(),
                before.getLabelled()));
    }

    private static KeptOutcome kept(Outcome outcome) {
        return new KeptOutcome(outcome.getName(), outcome.getValue());
    }

    /**
     * Counts what has become complete.
     *
     * @param requestId the request
     * @param bucket the bucket of its key
     * @param block where it counts
     * @return the request as it is to be kept; only a marker when nothing of it is waited for any more
     */
    PendingRequest count(PendingRequest request, String requestId, int bucket, WindowCounts block) {
        if (stage.isShadow() ? request.getExisting() == null || request.getCandidate() == null : isAlone(request)) {
            return request;
        }
        ModelAnswer existing = answer(request.getExisting());
        ModelAnswer candidate = answer(request.getCandidate());
        if (stage.isShadow() && request.getCounted() == 0 && !request.getLabelled()) {
            block.disagreement(requestId, existing.score(), candidate.score());
        }
        long counted = request.getCounted();
        boolean labelled = request.getLabelled();
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricSpec metric = stage.metrics().get(i);
            if ((joined & 1L << i) == 0 || (counted & 1L << i) != 0) {
                continue;
            }
            if (metric.kind() == MetricKind.AGREEMENT) {
                block.observePair(i, bucket, 0, Observations.agreement(metric, existing, candidate));
                counted |= 1L << i;
                continue;
            }
            Optional<Object> outcome = outcome(request, metric);
            if (outcome.isEmpty()) {
                continue;
            }
            counted |= 1L << i;
            observe(block, i, bucket, request, outcome.get());
            if (!labelled) {
                labelled = true;
                label(block, request);
            }
        }
        boolean done = counted == joined;
        return new PendingRequest(
                request.getRollout(),
                request.getEpoch(),
                request.getSince(),
                request.getLatest(),
                done ? null : request.getExisting(),
                done ? null : request.getCandidate(),
                done ? List.of() : request.getOutcomes(),
                counted,
                labelled);
    }

    /** Whether a request has been counted in full, and only its marker is left. */
    boolean isDone(PendingRequest request) {
        return request.getRollout() != null && request.getCounted() == joined;
    }

    private static boolean isAlone(PendingRequest request) {
        return request.getExisting() == null && request.getCandidate() == null
                || request.getOutcomes().isEmpty();
    }

    private void observe(WindowCounts block, int metric, int bucket, PendingRequest request, Object outcome) {
        MetricSpec spec = stage.metrics().get(metric);
        if (stage.isShadow()) {
            block.observePair(
                    metric,
                    bucket,
                    Observations.ofOutcome(spec, answer(request.getExisting()), outcome),
                    Observations.ofOutcome(spec, answer(request.getCandidate()), outcome));
        } else {
            boolean byCandidate = request.getCandidate() != null;
            ModelAnswer answer = answer(byCandidate ? request.getCandidate() : request.getExisting());
            block.observe(
                    metric,
                    byCandidate ? Arm.CANDIDATE : Arm.EXISTING,
                    bucket,
                    Observations.ofOutcome(spec, answer, outcome));
        }
    }

    private static void label(WindowCounts block, PendingRequest request) {
        if (request.getExisting() != null) {
            block.labelled(Arm.EXISTING);
        }
        if (request.getCandidate() != null) {
            block.labelled(Arm.CANDIDATE);
        }
    }

    private static ModelAnswer answer(KeptAnswer kept) {
        return kept == null
                ? new ModelAnswer(Double.NaN, null)
                : new ModelAnswer(kept.getScore() == null ? Double.NaN : kept.getScore(), kept.getLabel());
    }

    /** The outcome a metric reads; any metric that names none reads the first that came. */
    private static Optional<Object> outcome(PendingRequest request, MetricSpec metric) {
        return request.getOutcomes().stream()
                .filter(outcome ->
                        metric.outcome().map(outcome.getName()::equals).orElse(true))
                .map(KeptOutcome::getValue)
                .findFirst();
    }
}

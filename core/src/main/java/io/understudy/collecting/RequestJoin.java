package io.understudy.collecting;

import io.understudy.collecting.PendingRequests.Due;
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
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Joins the answers and outcomes of one request, in any order, and counts each of them once. When everything has been
 * counted, a marker remains, so that a redelivered record is not counted again.
 */
final class RequestJoin {

    private final StagePlan stage;

    /** Learns which requests have become an observation of which metric. */
    @FunctionalInterface
    interface Observed {
        void by(int metric, Arm arm);
    }

    /** The bit set of the stage's metrics that need joined records. */
    private final long joinedMetrics;

    /** The bit set of the stage's metrics that count a request at its maturity. */
    private final long maturingMetrics;

    /** The largest number of classes of a metric; 0 if no metric reads vectors. */
    private final int classes;

    RequestJoin(StagePlan stage) {
        this.stage = stage;
        long joined = 0;
        long maturing = 0;
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricKind kind = stage.metrics().get(i).kind();
            joined |= kind.needsOutcome() || stage.isShadow() && kind.isPairedInShadow() ? 1L << i : 0;
            maturing |= stage.metrics().get(i).maturity().isPresent() ? 1L << i : 0;
        }
        this.joinedMetrics = joined;
        this.maturingMetrics = maturing;
        this.classes = stage.metrics().stream()
                .mapToInt(metric -> metric.classes().size())
                .max()
                .orElse(0);
    }

    /** Whether the stage has a metric that needs joined records. */
    boolean isNeeded() {
        return joinedMetrics != 0;
    }

    /** Whether the request has its answers and has not been counted by every metric that counts it at its maturity. */
    boolean isMaturing(PendingRequest request) {
        return hasItsAnswers(request) && (request.getMatured() & maturingMetrics) != maturingMetrics;
    }

    /** The times at which a request that has its answers is to be counted, milliseconds since 1970. */
    Set<Long> maturities(PendingRequest request) {
        Set<Long> times = new TreeSet<>();
        if (isMaturing(request)) {
            stage.metrics().forEach(metric -> maturity(metric, request).ifPresent(times::add));
        }
        return times;
    }

    private static Optional<Long> maturity(MetricSpec metric, PendingRequest request) {
        return metric.maturity().map(age -> request.getAnsweredAt() + age.toMillis());
    }

    /** Whether a metric reads outcomes with this name. */
    boolean readsOutcome(String outcome) {
        return stage.metrics().stream().anyMatch(metric -> metric.reads(outcome));
    }

    /** Adds an answer to the request; empty if the request already has the answer of this arm. */
    Optional<PendingRequest> withAnswer(Optional<PendingRequest> before, Prediction prediction, Arm arm, long time) {
        // From another epoch, only the outcomes can be used.
        Optional<PendingRequest> sameEpoch = before.filter(known ->
                prediction.getRollout().equals(known.getRollout()) && prediction.getEpoch() == known.getEpoch());
        boolean redelivered = sameEpoch
                .filter(known ->
                        isDone(known) || (arm == Arm.CANDIDATE ? known.getCandidate() : known.getExisting()) != null)
                .isPresent();
        if (redelivered) {
            return Optional.empty();
        }
        KeptAnswer answer = toRecord(ModelAnswer.of(prediction));
        KeptAnswer existing = sameEpoch.map(PendingRequest::getExisting).orElse(null);
        KeptAnswer candidate = sameEpoch.map(PendingRequest::getCandidate).orElse(null);
        return Optional.of(new PendingRequest(
                prediction.getRollout(),
                prediction.getEpoch(),
                before.map(PendingRequest::getSince).orElse(time),
                before.map(known -> Math.max(time, known.getLatest())).orElse(time),
                arm == Arm.CANDIDATE ? existing : answer,
                arm == Arm.CANDIDATE ? answer : candidate,
                before.map(PendingRequest::getOutcomes).orElse(List.of()),
                sameEpoch.map(PendingRequest::getCounted).orElse(0L),
                sameEpoch.map(PendingRequest::getLabelled).orElse(false),
                sameEpoch
                        .map(PendingRequest::getAnsweredAt)
                        .map(known -> Math.max(time, known))
                        .orElse(time),
                sameEpoch.map(PendingRequest::getMatured).orElse(0L)));
    }

    private KeptAnswer toRecord(ModelAnswer answer) {
        // One number more than any metric needs is enough to see that there are too many.
        int kept = classes == 0 ? 0 : Math.min(answer.vector().size(), classes + 1);
        return new KeptAnswer(
                Double.isNaN(answer.score()) ? null : answer.score(),
                answer.label(),
                List.copyOf(answer.vector().subList(0, kept)));
    }

    /** Adds an outcome to the request; empty if the request already has an outcome with this name. */
    Optional<PendingRequest> withOutcome(Optional<PendingRequest> before, Outcome outcome, long time) {
        KeptOutcome added = new KeptOutcome(outcome.getName(), outcome.getValue(), time);
        if (before.isEmpty()) {
            return Optional.of(
                    new PendingRequest(null, 0, time, time, null, null, List.of(added), 0L, false, null, 0L));
        }
        PendingRequest known = before.get();
        if (isDone(known)
                || known.getOutcomes().stream()
                        .anyMatch(other -> other.getName().equals(outcome.getName()))) {
            return Optional.empty();
        }
        List<KeptOutcome> outcomes = new ArrayList<>(known.getOutcomes());
        outcomes.add(added);
        return Optional.of(new PendingRequest(
                known.getRollout(),
                known.getEpoch(),
                known.getSince(),
                Math.max(time, known.getLatest()),
                known.getExisting(),
                known.getCandidate(),
                outcomes,
                known.getCounted(),
                known.getLabelled(),
                known.getAnsweredAt(),
                known.getMatured()));
    }

    /** The arms whose requests a request counts as, once its answers have arrived: both, or one, or none yet. */
    List<Arm> arms(PendingRequest request) {
        boolean existing = request.getExisting() != null;
        boolean candidate = request.getCandidate() != null;
        if (stage.isShadow()) {
            return existing && candidate ? List.of(Arm.EXISTING, Arm.CANDIDATE) : List.of();
        }
        return candidate ? List.of(Arm.CANDIDATE) : existing ? List.of(Arm.EXISTING) : List.of();
    }

    /**
     * Counts the request for every metric that can be computed now and has not counted it.
     *
     * @param requestId identifier of the request
     * @param bucket bucket of its key
     * @param window window to count in
     * @param observed receives each metric that the request has become an observation of, by arm
     * @return the request to store; only a marker if no metric waits for more records of the request
     */
    PendingRequest count(PendingRequest request, String requestId, int bucket, WindowCounts window, Observed observed) {
        if (isIncomplete(request)) {
            return request;
        }
        if (stage.isShadow() && request.getCounted() == 0 && !request.getLabelled()) {
            window.disagreement(
                    requestId,
                    answer(request.getExisting()).score(),
                    answer(request.getCandidate()).score());
        }
        long counted = request.getCounted();
        boolean labelled = request.getLabelled();
        for (int i = 0; i < stage.metrics().size(); i++) {
            long bit = 1L << i;
            if ((joinedMetrics & ~maturingMetrics & bit) == 0 || (counted & bit) != 0) {
                continue;
            }
            MetricSpec metric = stage.metrics().get(i);
            if (metric.kind() == MetricKind.AGREEMENT) {
                window.observePair(i, bucket, 0, agreement(metric, request));
                counted |= bit;
                continue;
            }
            if (observe(window, i, bucket, request, Long.MAX_VALUE, observed)) {
                counted |= bit;
                if (!labelled) {
                    countLabelled(window, request);
                    labelled = true;
                }
            }
        }
        return counted(request, counted, labelled, request.getMatured());
    }

    /**
     * Counts a request at its maturity, with the outcomes that were known by then. A metric whose outcome is not known
     * does not count the request.
     *
     * @param due the request's time to be counted
     * @param window window to count in
     * @param observed receives each metric that the request has become an observation of, by arm
     * @return the request to store; only a marker if no metric waits for more
     */
    PendingRequest countMatured(PendingRequest request, Due due, WindowCounts window, Observed observed) {
        if (!hasItsAnswers(request)) {
            return request;
        }
        long counted = request.getCounted();
        long matured = request.getMatured();
        boolean labelled = request.getLabelled();
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricSpec metric = stage.metrics().get(i);
            long bit = 1L << i;
            // The time of an answer that was not the last one is passed over.
            if ((matured & bit) != 0
                    || maturity(metric, request)
                            .filter(time -> time == due.time())
                            .isEmpty()) {
                continue;
            }
            matured |= bit;
            if (observe(window, i, due.bucket(), request, due.time(), observed)) {
                counted |= bit;
                if (!labelled) {
                    countLabelled(window, request);
                    labelled = true;
                }
            }
        }
        return counted(request, counted, labelled, matured);
    }

    /** The request after it was counted; only a marker if no metric waits for more records of it. */
    private PendingRequest counted(PendingRequest request, long counted, boolean labelled, long matured) {
        boolean done = counted == joinedMetrics;
        return new PendingRequest(
                request.getRollout(),
                request.getEpoch(),
                request.getSince(),
                request.getLatest(),
                done ? null : request.getExisting(),
                done ? null : request.getCandidate(),
                done ? List.of() : request.getOutcomes(),
                counted,
                labelled,
                request.getAnsweredAt(),
                matured);
    }

    /** Whether every metric has counted the request, so that only its marker remains. */
    boolean isDone(PendingRequest request) {
        return request.getRollout() != null && request.getCounted() == joinedMetrics;
    }

    /** In a shadow stage, an observation needs both answers. In any other stage, it needs an answer and an outcome. */
    private boolean isIncomplete(PendingRequest request) {
        return !hasItsAnswers(request)
                || !stage.isShadow() && request.getOutcomes().isEmpty();
    }

    private boolean hasItsAnswers(PendingRequest request) {
        boolean existing = request.getExisting() != null;
        boolean candidate = request.getCandidate() != null;
        return stage.isShadow() ? existing && candidate : existing || candidate;
    }

    private static double agreement(MetricSpec metric, PendingRequest request) {
        return Observations.agreement(metric, answer(request.getExisting()), answer(request.getCandidate()));
    }

    /** Observes a metric, and returns whether its outcomes were known by {@code time}. */
    private boolean observe(
            WindowCounts window, int metric, int bucket, PendingRequest request, long time, Observed observed) {
        MetricSpec spec = stage.metrics().get(metric);
        if (spec.ratio().isPresent()) {
            return observeRatio(window, metric, bucket, request, spec.ratio().get(), time, observed);
        }
        Optional<Object> outcome = outcome(request, spec, time);
        outcome.ifPresent(known -> observe(window, metric, bucket, request, known, observed));
        return outcome.isPresent();
    }

    private static boolean observeRatio(
            WindowCounts window,
            int metric,
            int bucket,
            PendingRequest request,
            MetricSpec.Ratio ratio,
            long time,
            Observed observed) {
        Optional<Object> numerator = outcome(request, ratio.numerator(), time);
        Optional<Object> denominator = outcome(request, ratio.denominator(), time);
        if (numerator.isEmpty() || denominator.isEmpty()) {
            return false;
        }
        Arm arm = request.getCandidate() == null ? Arm.EXISTING : Arm.CANDIDATE;
        if (window.observeRatioOutcomes(metric, arm, bucket, numerator.get(), denominator.get())) {
            observed.by(metric, arm);
        }
        return true;
    }

    private void observe(
            WindowCounts window, int metric, int bucket, PendingRequest request, Object outcome, Observed observed) {
        ModelAnswer existing = answer(request.getExisting());
        ModelAnswer candidate = answer(request.getCandidate());
        if (stage.isShadow()) {
            window.observeOutcomePair(metric, bucket, existing, candidate, outcome)
                    .forEach(arm -> observed.by(metric, arm));
            return;
        }
        Arm arm = request.getCandidate() == null ? Arm.EXISTING : Arm.CANDIDATE;
        if (window.observeOutcome(metric, arm, bucket, arm == Arm.CANDIDATE ? candidate : existing, outcome)) {
            observed.by(metric, arm);
        }
    }

    private static void countLabelled(WindowCounts window, PendingRequest request) {
        if (request.getExisting() != null) {
            window.labelled(Arm.EXISTING);
        }
        if (request.getCandidate() != null) {
            window.labelled(Arm.CANDIDATE);
        }
    }

    private static ModelAnswer answer(@Nullable KeptAnswer record) {
        return record == null
                ? ModelAnswer.NONE
                : new ModelAnswer(
                        record.getScore() == null ? Double.NaN : record.getScore(),
                        record.getLabel(),
                        record.getVector());
    }

    /**
     * The outcome that a metric reads, if it arrived by {@code time}. A metric that does not name an outcome reads the
     * first one that arrived.
     */
    private static Optional<Object> outcome(PendingRequest request, MetricSpec metric, long time) {
        return request.getOutcomes().stream()
                .filter(outcome -> outcome.getAt() <= time)
                .filter(outcome -> metric.reads(outcome.getName()))
                .map(KeptOutcome::getValue)
                .findFirst();
    }

    private static Optional<Object> outcome(PendingRequest request, String name, long time) {
        return request.getOutcomes().stream()
                .filter(outcome -> outcome.getAt() <= time)
                .filter(outcome -> outcome.getName().equals(name))
                .map(KeptOutcome::getValue)
                .findFirst();
    }
}

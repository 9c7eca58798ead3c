package io.understudy.console;

import io.understudy.assignment.Share;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.spec.InvalidSpecException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the control topics say, and how far their readers are, as gauges; looked at every few seconds. */
final class RolloutGauges implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutGauges.class);
    private static final long INTERVAL_SECONDS = 5;
    private static final double MILLIS_A_SECOND = 1000;

    private final ControlView view;
    private final LagProbe lag;
    private final Meters.Rows shares;
    private final Meters.Rows mirrors;
    private final Meters.Rows stages;
    private final Meters.Rows statuses;
    private final Meters.Rows reasons;
    private final Meters.Rows evaluated;
    private final Meters.Rows windows;
    private final Meters.Rows evidence;
    private final Meters.Rows thresholds;
    private final Meters.Rows lags;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "console-gauges");
        thread.setDaemon(true);
        return thread;
    });

    RolloutGauges(ControlView view, LagProbe lag, Meters meters) {
        this.view = view;
        this.lag = lag;
        this.shares = meters.rows(Metric.SHARE);
        this.mirrors = meters.rows(Metric.MIRROR);
        this.stages = meters.rows(Metric.STAGE);
        this.statuses = meters.rows(Metric.STATUS);
        this.reasons = meters.rows(Metric.REASON);
        this.evaluated = meters.rows(Metric.EVALUATED);
        this.windows = meters.rows(Metric.WINDOW);
        this.evidence = meters.rows(Metric.EVIDENCE);
        this.thresholds = meters.rows(Metric.EVIDENCE_THRESHOLD);
        this.lags = meters.rows(Metric.LAG);
    }

    void start() {
        looking.scheduleWithFixedDelay(this::look, 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            if (view.isCaughtUp()) {
                // Before, a state may be one that has long been followed by another.
                lookAtRollouts();
            }
            lookAtReaders();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            LOG.warn("Rollouts or lags could not be measured just now: cause={}", e.toString());
        }
    }

    private void lookAtRollouts() {
        Map<List<String>, Double> share = new LinkedHashMap<>();
        Map<List<String>, Double> mirror = new LinkedHashMap<>();
        Map<List<String>, Double> stage = new LinkedHashMap<>();
        Map<List<String>, Double> status = new LinkedHashMap<>();
        Map<List<String>, Double> reason = new LinkedHashMap<>();
        Map<List<String>, Double> last = new LinkedHashMap<>();
        Map<List<String>, Double> window = new LinkedHashMap<>();
        Map<List<String>, Double> claims = new LinkedHashMap<>();
        Map<List<String>, Double> needed = new LinkedHashMap<>();
        for (RolloutState state : view.states()) {
            Rollout rollout = state.getRollout();
            String deployment = state.getDeployment();
            if (rollout == null) {
                continue;
            }
            share.put(List.of(deployment), new Share(rollout.getShare()).fraction());
            mirror.put(List.of(deployment), new Share(rollout.getMirror()).fraction());
            stage.put(List.of(deployment), (double) rollout.getStage());
            for (RolloutStatus one : RolloutStatus.values()) {
                status.put(List.of(deployment, one.name()), one == rollout.getStatus() ? 1.0 : 0.0);
            }
            view.lastStep(deployment)
                    .map(step -> ReasonCode.read(step.getCode()))
                    .ifPresent(code -> reason.put(List.of(deployment, code.name()), 1.0));
            Optional<RolloutEvaluation> evaluation = view.lastEvaluation(rollout.getId());
            last.put(List.of(deployment), judgedTo(rollout, evaluation).toEpochMilli() / MILLIS_A_SECOND);
            window(rollout).ifPresent(length -> window.put(List.of(deployment), length.toMillis() / MILLIS_A_SECOND));
            evaluation.ifPresent(one -> claims(one, claims, needed));
        }
        shares.set(share);
        mirrors.set(mirror);
        stages.set(stage);
        statuses.set(status);
        reasons.set(reason);
        evaluated.set(last);
        windows.set(window);
        evidence.set(claims);
        thresholds.set(needed);
    }

    /** The end of the last window of this stage, or the stage's beginning while none has been judged. */
    private static Instant judgedTo(Rollout rollout, Optional<RolloutEvaluation> evaluation) {
        return evaluation
                .map(RolloutEvaluation::getWindowEnd)
                .filter(rollout.getStageStartedAt()::isBefore)
                .orElse(rollout.getStageStartedAt());
    }

    private static Optional<Duration> window(Rollout rollout) {
        try {
            return Optional.of(SpecReader.evidence(rollout.getSpec()).window());
        } catch (InvalidSpecException e) {
            // Written for another version of this program.
            return Optional.empty();
        }
    }

    private static void claims(
            RolloutEvaluation evaluation, Map<List<String>, Double> claims, Map<List<String>, Double> needed) {
        for (MetricEvaluation metric : evaluation.getMetrics()) {
            if (metric.getThreshold() == null) {
                continue;
            }
            List<String> passing = List.of(evaluation.getDeployment(), metric.getName(), "pass");
            List<String> harm = List.of(evaluation.getDeployment(), metric.getName(), "harm");
            claims.put(passing, metric.getLogEvidence());
            needed.put(passing, metric.getThreshold());
            claims.put(harm, metric.getLogEvidenceOfHarm());
            needed.put(harm, metric.getThresholdOfHarm());
        }
    }

    private void lookAtReaders() throws InterruptedException, ExecutionException {
        Map<List<String>, Double> rows = new LinkedHashMap<>();
        try {
            lag.lags().forEach((reader, behind) -> rows.put(List.of(reader), (double) behind));
        } finally {
            // What cannot be asked is not told: an old number would look like a reader that keeps up.
            lags.set(rows);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
        lag.close();
    }
}

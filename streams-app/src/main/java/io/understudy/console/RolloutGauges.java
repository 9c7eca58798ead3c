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

/** Gauges of the rollouts and of the lag of the topics' readers, updated every few seconds. */
final class RolloutGauges implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutGauges.class);
    private static final long INTERVAL_SECONDS = 5;
    private static final double MILLIS_PER_SECOND = 1000;

    private final ControlView view;
    private final LagProbe lag;
    private final Meters.Rows shares;
    private final Meters.Rows mirrors;
    private final Meters.Rows stages;
    private final Meters.Rows statuses;
    private final Meters.Rows reasons;
    private final Meters.Rows evaluations;
    private final Meters.Rows windows;
    private final Meters.Rows evidence;
    private final Meters.Rows thresholds;
    private final Meters.Rows lags;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
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
        this.evaluations = meters.rows(Metric.EVALUATED);
        this.windows = meters.rows(Metric.WINDOW);
        this.evidence = meters.rows(Metric.EVIDENCE);
        this.thresholds = meters.rows(Metric.EVIDENCE_THRESHOLD);
        this.lags = meters.rows(Metric.LAG);
    }

    void start() {
        scheduler.scheduleWithFixedDelay(this::update, 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    private void update() {
        try {
            if (view.isCaughtUp()) {
                // Before that, a state may be outdated.
                updateRollouts();
            }
            updateLags();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            LOG.warn("Cannot update the gauges of rollouts or lags: cause={}", e.toString());
        }
    }

    private void updateRollouts() {
        Map<List<String>, Double> share = new LinkedHashMap<>();
        Map<List<String>, Double> mirror = new LinkedHashMap<>();
        Map<List<String>, Double> stage = new LinkedHashMap<>();
        Map<List<String>, Double> status = new LinkedHashMap<>();
        Map<List<String>, Double> reason = new LinkedHashMap<>();
        Map<List<String>, Double> evaluated = new LinkedHashMap<>();
        Map<List<String>, Double> window = new LinkedHashMap<>();
        Map<List<String>, Double> claim = new LinkedHashMap<>();
        Map<List<String>, Double> threshold = new LinkedHashMap<>();
        for (RolloutState state : view.states()) {
            Rollout rollout = state.getRollout();
            String deployment = state.getDeployment();
            if (rollout == null) {
                continue;
            }
            share.put(List.of(deployment), new Share(rollout.getShare()).fraction());
            mirror.put(List.of(deployment), new Share(rollout.getMirror()).fraction());
            stage.put(List.of(deployment), (double) rollout.getStage());
            for (RolloutStatus value : RolloutStatus.values()) {
                status.put(List.of(deployment, value.name()), value == rollout.getStatus() ? 1.0 : 0.0);
            }
            view.lastChange(deployment)
                    .map(event -> ReasonCode.read(event.getCode()))
                    .ifPresent(code -> reason.put(List.of(deployment, code.name()), 1.0));
            Optional<RolloutEvaluation> evaluation = view.lastEvaluation(rollout.getId());
            evaluated.put(
                    List.of(deployment), evaluatedUntil(rollout, evaluation).toEpochMilli() / MILLIS_PER_SECOND);
            window(rollout).ifPresent(length -> window.put(List.of(deployment), length.toMillis() / MILLIS_PER_SECOND));
            evaluation.ifPresent(last -> addClaims(last, claim, threshold));
        }
        shares.set(share);
        mirrors.set(mirror);
        stages.set(stage);
        statuses.set(status);
        reasons.set(reason);
        evaluations.set(evaluated);
        windows.set(window);
        evidence.set(claim);
        thresholds.set(threshold);
    }

    /** The end of the last evaluated window of this stage; the start of the stage before the first evaluation. */
    private static Instant evaluatedUntil(Rollout rollout, Optional<RolloutEvaluation> evaluation) {
        return evaluation
                .map(RolloutEvaluation::getWindowEnd)
                .filter(rollout.getStageStartedAt()::isBefore)
                .orElse(rollout.getStageStartedAt());
    }

    private static Optional<Duration> window(Rollout rollout) {
        try {
            return Optional.of(SpecReader.evidence(rollout.getSpec()).window());
        } catch (InvalidSpecException e) {
            // The rollout was written for another version of this program.
            return Optional.empty();
        }
    }

    private static void addClaims(
            RolloutEvaluation evaluation, Map<List<String>, Double> claim, Map<List<String>, Double> threshold) {
        for (MetricEvaluation metric : evaluation.getMetrics()) {
            if (metric.getThreshold() == null) {
                continue;
            }
            List<String> passing = List.of(evaluation.getDeployment(), metric.getName(), "pass");
            List<String> harm = List.of(evaluation.getDeployment(), metric.getName(), "harm");
            claim.put(passing, metric.getLogEvidence());
            threshold.put(passing, metric.getThreshold());
            claim.put(harm, metric.getLogEvidenceOfHarm());
            threshold.put(harm, metric.getThresholdOfHarm());
        }
    }

    private void updateLags() throws InterruptedException, ExecutionException {
        Map<List<String>, Double> rows = new LinkedHashMap<>();
        try {
            lag.lags().forEach((reader, behind) -> rows.put(List.of(reader), (double) behind));
        } finally {
            // Without an answer there is no value: an old value would look like a reader that keeps up.
            lags.set(rows);
        }
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
        lag.close();
    }
}

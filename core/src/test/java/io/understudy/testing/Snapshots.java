package io.understudy.testing;

import io.understudy.evidence.ArmSnapshot;
import io.understudy.evidence.CoverageLook;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.CycleProgress;
import io.understudy.evidence.KeySample;
import io.understudy.evidence.LatencyQuantiles;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A snapshot of a plan's first stage, made by hand: after ten minutes with a thousand requests in each arm, each of
 * another key and with its outcome, and metrics as {@link Looks} has them, until something else is said.
 */
public final class Snapshots {

    private static final LatencyQuantiles LATENCY = new LatencyQuantiles(10, 20, 30);

    private final EvidencePlan plan;
    private final StagePlan stage;
    private final List<MetricLook> metrics = new ArrayList<>();
    private Duration elapsed = Duration.ofMinutes(10);
    private Optional<CycleProgress> cycles = Optional.empty();
    private ArmSnapshot existing = arm(1000, 1000, 1000, 1000);
    private ArmSnapshot candidate = arm(1000, 1000, 1000, 1000);
    private KeySample keys = new KeySample(1000, 1000, 0);
    private double sampleRatio;
    private double requestRatio;
    private boolean sampleRatioTested = true;
    private List<CoverageLook> coverage = List.of();

    private Snapshots(EvidencePlan plan) {
        this.plan = plan;
        this.stage = plan.stages().get(0);
        stage.metrics().forEach(metric -> metrics.add(Looks.at(metric).build()));
    }

    public static Snapshots of(EvidencePlan plan) {
        return new Snapshots(plan);
    }

    /** An arm's traffic. */
    public static ArmSnapshot arm(long requests, long units, long keys, long labelled) {
        return new ArmSnapshot(requests, units, keys, labelled, List.of(), LATENCY);
    }

    public Snapshots after(Duration time) {
        elapsed = time;
        return this;
    }

    public Snapshots cycles(CycleProgress progress) {
        cycles = Optional.of(progress);
        return this;
    }

    /** Requests of each arm, each of another key and with its outcome. */
    public Snapshots requests(long ofExisting, long ofCandidate) {
        return arms(
                arm(ofExisting, ofExisting, ofExisting, ofExisting),
                arm(ofCandidate, ofCandidate, ofCandidate, ofCandidate));
    }

    public Snapshots arms(ArmSnapshot ofExisting, ArmSnapshot ofCandidate) {
        existing = ofExisting;
        candidate = ofCandidate;
        return this;
    }

    public Snapshots keys(KeySample sample) {
        keys = sample;
        return this;
    }

    /** ln E that requests do not arrive as the shares say. */
    public Snapshots sampleRatio(double logEvidence) {
        sampleRatio = logEvidence;
        return this;
    }

    /** ln E that the candidate's keys have more or fewer requests than their share. */
    public Snapshots requestRatio(double logEvidence) {
        requestRatio = logEvidence;
        return this;
    }

    /** No request is known to be complete. */
    public Snapshots sampleRatioUntested() {
        sampleRatioTested = false;
        return this;
    }

    /** How evenly the outcomes of the stage's metric number {@code metric} have arrived. */
    public Snapshots coverage(int metric, ArmsCovered soFar, ArmsCovered mature) {
        coverage = List.of(new CoverageLook(stage.metrics().get(metric), soFar, mature));
        return this;
    }

    /** What is to be seen of the stage's metric number {@code metric}. */
    public Snapshots look(int metric, UnaryOperator<Looks> change) {
        metrics.set(metric, change.apply(Looks.at(stage.metrics().get(metric))).build());
        return this;
    }

    public StageSnapshot build() {
        return new StageSnapshot(
                plan,
                stage,
                elapsed,
                cycles,
                existing,
                candidate,
                List.of(),
                keys,
                sampleRatio,
                requestRatio,
                sampleRatioTested,
                coverage,
                List.copyOf(metrics),
                List.of());
    }
}

package io.understudy.simulation;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.simulation.MetricTruth.EffectByCycle;
import io.understudy.simulation.MetricTruth.Lost;
import io.understudy.simulation.MetricTruth.Moment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.jspecify.annotations.Nullable;

/**
 * Generates the data of one simulated rollout, window by window.
 *
 * <p>Correlations are exact for every distribution. With probability sqrt(rho), a request uses its unit's uniform
 * number instead of a new one; with probability c, the candidate uses the existing model's number. So two numbers are
 * either equal or independent, and the correlation between the observations is rho or c.
 */
public final class World {

    /** Numbers to skip, so that the sequences of neighbouring seeds diverge. */
    private static final int WARM_UP = 64;

    /** The number of a unit that chooses its arm. */
    private static final int ARM = 0;
    /** The number of a unit that decides whether it is lost. */
    private static final int LOST = 1;
    /** The first of a unit's numbers for its observations: one for each metric and model. */
    private static final int OBSERVATIONS = 2;

    private final EvidencePlan plan;
    private final Truth truth;
    private final UniformRandomProvider random;
    private final Units units;
    private final Units cycles;
    private final double chanceOfUnitNumber;
    private final long outcomeWindows;
    private long nextUnit;
    private int stage;
    private int firstWindow;

    /** The window that is generated next, and those after it that already have delayed requests or outcomes. */
    private final List<WindowCounts> open = new ArrayList<>();

    /** A metric of the current stage in the current window. */
    private record Now(
            MetricSpec spec, Distribution existing, Distribution candidate, Lost lostExisting, Lost lostCandidate) {

        double draw(Arm arm, double uniform) {
            double value = (arm == Arm.CANDIDATE ? candidate : existing).draw(uniform);
            return spec.cap().map(cap -> Math.min(cap, value)).orElse(value);
        }

        boolean isRate() {
            return spec.kind().isBinary()
                    && existing instanceof Distribution.Bernoulli
                    && candidate instanceof Distribution.Bernoulli
                    && lostExisting.equals(Lost.NONE)
                    && lostCandidate.equals(Lost.NONE);
        }

        /** The rate of an arm of which {@link #isRate} is true. */
        double rate(Arm arm) {
            return ((Distribution.Bernoulli) (arm == Arm.CANDIDATE ? candidate : existing)).p();
        }

        Lost lost(Arm arm) {
            return arm == Arm.CANDIDATE ? lostCandidate : lostExisting;
        }

        boolean isPaired(StagePlan stage) {
            return stage.isShadow() && spec.kind().isPairedInShadow();
        }
    }

    /**
     * The data of one rollout.
     *
     * @param seed the seed of the simulation, the same for all of its rollouts
     * @param run the number of the rollout
     */
    public World(EvidencePlan plan, Truth truth, long seed, int run) {
        this.plan = plan;
        this.truth = truth;
        this.random = RandomSource.XO_SHI_RO_256_PP.create(new long[] {seed, run, 0x9e3779b97f4a7c15L, seed ^ run});
        this.chanceOfUnitNumber = Math.sqrt(truth.intraKeyCorrelation());
        this.outcomeWindows = plan.outcomeWindow().dividedBy(plan.window());
        for (int i = 0; i < WARM_UP; i++) {
            random.nextLong();
        }
        this.units = new Units(random.nextLong());
        this.cycles = new Units(random.nextLong());
    }

    /**
     * Generates the rollout's next window. When a stage begins, what is delayed from the stage before it is dropped.
     *
     * @param stage the stage that the rollout is in, from 0
     * @param window the number of windows before this one in the rollout
     */
    public WindowCounts window(int stage, int window) {
        if (stage != this.stage) {
            this.stage = stage;
            firstWindow = window;
            open.clear();
        }
        StagePlan stagePlan = plan.stages().get(stage);
        List<Now> metrics = metrics(stagePlan, new Moment(stage, window - firstWindow, window));
        double share = stagePlan.share().fraction();
        open(0);
        if (isPlain(stagePlan, metrics)) {
            addRates(metrics, share);
            return open.remove(0);
        }
        for (int i = 0; i < truth.unitsPerWindow(); i++) {
            long unit = truth.keys().map(keys -> (long) random.nextInt(keys)).orElseGet(() -> nextUnit++);
            // If requests are the independent units, keys are not counted.
            byte @Nullable [] key = plan.isByKey()
                    ? ByteBuffer.allocate(Long.BYTES).putLong(unit).array()
                    : null;
            int bucket = key == null ? WindowCounts.bucket(unit) : WindowCounts.bucket(key);
            Arm arm = units.number(unit, ARM) < share ? Arm.CANDIDATE : Arm.EXISTING;
            for (int request = 0; request < truth.requestsPerKey(); request++) {
                if (stagePlan.isShadow()) {
                    addToBothArms(stagePlan, metrics, unit, key, bucket);
                } else {
                    addToArm(metrics, arm, unit, key, bucket);
                }
            }
        }
        return open.remove(0);
    }

    /** Whether a window is nothing but independent rates, which need no loop over the units. */
    private boolean isPlain(StagePlan stagePlan, List<Now> metrics) {
        return truth.isPlain()
                && !plan.isByKey()
                && !stagePlan.isShadow()
                && metrics.stream().allMatch(Now::isRate);
    }

    private void addRates(List<Now> metrics, double share) {
        long candidates = binomial(truth.unitsPerWindow(), share);
        for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
            long requests = arm == Arm.CANDIDATE ? candidates : truth.unitsPerWindow() - candidates;
            open(0).requests(
                            arm,
                            requests,
                            metrics.stream()
                                    .mapToLong(metric -> binomial(requests, metric.rate(arm)))
                                    .toArray());
        }
    }

    /** The number of successes in {@code n} trials, counted by the gaps between the rarer ones of successes and failures. */
    private long binomial(long n, double p) {
        if (p > 1.0 / 2) {
            return n - binomial(n, 1 - p);
        }
        if (p == 0) {
            return 0;
        }
        double logOfFailure = Math.log1p(-p);
        long successes = 0;
        for (double trial = gap(logOfFailure); trial <= n; trial += gap(logOfFailure)) {
            successes++;
        }
        return successes;
    }

    /** The number of trials to the next success, at least 1: a geometric number. */
    private double gap(double logOfFailure) {
        return Math.floor(Math.log1p(-random.nextDouble()) / logOfFailure) + 1;
    }

    private List<Now> metrics(StagePlan stagePlan, Moment moment) {
        double swing = truth.swing(moment.window());
        List<Now> metrics = new ArrayList<>();
        for (MetricSpec spec : stagePlan.metrics()) {
            MetricTruth metric = truth.metric(spec);
            double shift = metric.effectByCycle()
                    .map(effect -> shift(effect, plan.metrics().indexOf(spec), moment.window()))
                    .orElse(0.0);
            Distribution existing = metric.existingAt(moment);
            Distribution candidate = metric.candidateAt(moment).shifted(shift);
            metrics.add(new Now(
                    spec,
                    swing == 0 ? existing : existing.swung(swing),
                    swing == 0 ? candidate : candidate.swung(swing),
                    metric.lostExisting(),
                    metric.lostCandidate()));
        }
        return metrics;
    }

    private double shift(EffectByCycle effect, int metric, int window) {
        double uniform = cycles.number(window / effect.windows(), metric);
        return effect.sd() * Distribution.NORMAL.inverseCumulativeProbability(uniform);
    }

    /** The window {@code later} windows after the one that is being generated. */
    private WindowCounts open(int later) {
        while (open.size() <= later) {
            open.add(WindowCounts.underWay(plan.stages().get(stage), plan.isByKey()));
        }
        return open.get(later);
    }

    private int ahead() {
        return truth.ahead().fraction() > 0
                        && random.nextDouble() < truth.ahead().fraction()
                ? truth.ahead().windows()
                : 0;
    }

    /** The number of windows until the request's outcome arrives, or more than count. */
    private int delay() {
        return truth.labelDelay().draw(random);
    }

    private boolean isLost(Arm arm, long unit) {
        double lost = arm == Arm.CANDIDATE
                ? truth.lostUnits().candidate()
                : truth.lostUnits().existing();
        return lost > 0 && units.number(unit, LOST) < lost;
    }

    private boolean isLost(Lost lost, double observation) {
        double fraction = lost.of(observation);
        return fraction > 0 && random.nextDouble() < fraction;
    }

    /**
     * Counts a request, which is complete at once. It is old enough to have its outcome when the outcome arrives, or would
     * arrive if it were not lost.
     */
    private void countRequest(Arm arm, byte @Nullable [] key, int bucket, int ahead, int delay) {
        WindowCounts counts = open(ahead);
        counts.request(arm, key);
        counts.complete().add(arm, bucketOfKey(bucket), key);
        counts.coverage().request(arm, bucketOfKey(bucket));
        if (delay <= outcomeWindows) {
            open(ahead + delay).matureCoverage().request(arm, bucketOfKey(bucket));
        }
    }

    private void cover(int metric, Arm arm, int bucket, int later) {
        open(later).coverage().observation(metric, arm, bucketOfKey(bucket));
        open(later).matureCoverage().observation(metric, arm, bucketOfKey(bucket));
    }

    private int bucketOfKey(int bucket) {
        return plan.isByKey() ? bucket : 0;
    }

    private void addToArm(List<Now> metrics, Arm arm, long unit, byte @Nullable [] key, int bucket) {
        if (isLost(arm, unit)) {
            return;
        }
        int ahead = ahead();
        int delay = delay();
        countRequest(arm, key, bucket, ahead, delay);
        boolean labelled = false;
        for (int i = 0; i < metrics.size(); i++) {
            Now metric = metrics.get(i);
            double value = metric.draw(arm, uniform(unit, i, 0));
            if (!metric.spec().kind().needsOutcome()) {
                open(ahead).observe(i, arm, bucket, value);
            } else if (delay <= outcomeWindows && !isLost(metric.lost(arm), value)) {
                open(ahead + delay).observe(i, arm, bucket, value);
                cover(i, arm, bucket, ahead + delay);
                labelled = true;
            }
        }
        if (labelled) {
            open(ahead + delay).labelled(arm);
        }
    }

    private void addToBothArms(StagePlan stagePlan, List<Now> metrics, long unit, byte @Nullable [] key, int bucket) {
        int ahead = ahead();
        boolean existing = !isLost(Arm.EXISTING, unit);
        boolean candidate = !isLost(Arm.CANDIDATE, unit);
        int delay = delay();
        if (existing) {
            countRequest(Arm.EXISTING, key, bucket, ahead, delay);
        }
        if (candidate) {
            countRequest(Arm.CANDIDATE, key, bucket, ahead, delay);
        }
        boolean labelled = false;
        for (int i = 0; i < metrics.size(); i++) {
            Now metric = metrics.get(i);
            double existingUniform = uniform(unit, i, 0);
            double candidateUniform =
                    random.nextDouble() < truth.pairCorrelation() ? existingUniform : uniform(unit, i, 1);
            double existingValue = metric.draw(Arm.EXISTING, existingUniform);
            double candidateValue = metric.draw(Arm.CANDIDATE, candidateUniform);
            boolean needsOutcome = metric.spec().kind().needsOutcome();
            if (metric.isPaired(stagePlan)) {
                // One outcome serves both models: where either loses it, the pair is lost.
                boolean arrives = !needsOutcome
                        || delay <= outcomeWindows
                                && !isLost(metric.lostExisting(), existingValue)
                                && !isLost(metric.lostCandidate(), candidateValue);
                if (existing && candidate && arrives) {
                    open(needsOutcome ? ahead + delay : ahead).observePair(i, bucket, existingValue, candidateValue);
                    labelled |= needsOutcome;
                    if (needsOutcome) {
                        cover(i, Arm.EXISTING, bucket, ahead + delay);
                        cover(i, Arm.CANDIDATE, bucket, ahead + delay);
                    }
                }
            } else {
                open(ahead).observe(i, Arm.EXISTING, bucket, existing ? existingValue : Double.NaN);
                open(ahead).observe(i, Arm.CANDIDATE, bucket, candidate ? candidateValue : Double.NaN);
            }
        }
        if (labelled) {
            open(ahead + delay).labelled(Arm.EXISTING);
            open(ahead + delay).labelled(Arm.CANDIDATE);
        }
    }

    /** A number for a model's observation of a metric: with some probability, the same in every request of the unit. */
    private double uniform(long unit, int metric, int model) {
        boolean ofUnit = chanceOfUnitNumber > 0 && random.nextDouble() < chanceOfUnitNumber;
        double uniform = ofUnit ? units.number(unit, OBSERVATIONS + 2 * metric + model) : random.nextDouble();
        return uniform == 0 ? Double.MIN_NORMAL : uniform;
    }
}

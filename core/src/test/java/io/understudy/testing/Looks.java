package io.understudy.testing;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.CycleLook;
import io.understudy.evidence.DataQuality;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.RecentLook;
import io.understudy.evidence.Shortfall;
import io.understudy.plan.MetricSpec;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A look at a metric, made by hand: a thousand units in each arm, no difference and no evidence until something else is
 * said.
 */
public final class Looks {

    private static final ClaimLook NOTHING = new ClaimLook(0, Double.NaN, false);
    private static final double ALLOWANCE = 0.5;
    private static final double WORTHWHILE = 0.25;

    private final MetricSpec spec;
    private final Map<Claim, ClaimLook> claims = new EnumMap<>(Claim.class);
    private ArmLook existing = new ArmLook(1000, 0.2);
    private ArmLook candidate = new ArmLook(1000, 0.2);
    private double effect;
    private double low = -1;
    private double high = 1;
    private RecentLook recent = new RecentLook(Duration.ZERO, new ArmLook(1000, 0.2), new ArmLook(1000, 0.2), 0, false);
    private Optional<CycleLook> cycles = Optional.empty();
    private double overLimit;
    private boolean looksNegligible;
    private Optional<Shortfall> shortfall = Optional.empty();
    private DataQuality data = DataQuality.SOUND;

    private Looks(MetricSpec spec) {
        this.spec = spec;
        for (Claim claim : Claim.values()) {
            claims.put(claim, NOTHING);
        }
    }

    public static Looks at(MetricSpec spec) {
        return new Looks(spec);
    }

    public Looks existing(long units, double estimate) {
        existing = new ArmLook(units, estimate);
        return this;
    }

    public Looks candidate(long units, double estimate) {
        candidate = new ArmLook(units, estimate);
        return this;
    }

    public Looks effect(double difference) {
        effect = difference;
        return this;
    }

    public Looks interval(double from, double to) {
        low = from;
        high = to;
        return this;
    }

    /** Evidence for {@code claim}, to which the estimate points too. */
    public Looks shows(Claim claim, double logEvidence) {
        return claim(claim, new ClaimLook(logEvidence, Double.NaN, true));
    }

    /** The classical test's p-value of {@code claim}. */
    public Looks p(Claim claim, double p) {
        return claim(claim, new ClaimLook(0, p, false));
    }

    public Looks claim(Claim claim, ClaimLook look) {
        claims.put(claim, look);
        return this;
    }

    public Looks recent(RecentLook look) {
        recent = look;
        return this;
    }

    public Looks cycles(CycleLook look) {
        cycles = Optional.of(look);
        return this;
    }

    public Looks overLimit(double logEvidence) {
        overLimit = logEvidence;
        return this;
    }

    public Looks negligible() {
        looksNegligible = true;
        return this;
    }

    public Looks shortOf(Shortfall missing) {
        shortfall = Optional.of(missing);
        return this;
    }

    /** What is wrong with the data. */
    public Looks data(DataQuality quality) {
        data = quality;
        return this;
    }

    public MetricLook build() {
        return new MetricLook(
                spec,
                existing,
                candidate,
                effect,
                Double.NaN,
                low,
                high,
                ALLOWANCE,
                WORTHWHILE,
                claims.get(Claim.SUPERIOR),
                claims.get(Claim.NON_INFERIOR),
                claims.get(Claim.HARM),
                recent,
                cycles,
                overLimit,
                looksNegligible,
                shortfall,
                data);
    }
}

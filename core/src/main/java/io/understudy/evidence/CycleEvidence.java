package io.understudy.evidence;

import io.understudy.statistics.SignBets;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The evidence about one metric from the effects of whole cycles, such as days. The units of one cycle share its weather,
 * its incidents and its campaigns, so however many there are, they say little about the next cycle. Here each cycle is one
 * observation. Mutable, for one thread.
 */
final class CycleEvidence {

    private final Supplier<MetricEvidence> fresh;
    private final Map<Claim, SignBets> bets = new EnumMap<>(Claim.class);
    private MetricEvidence open;
    private SignBets againstWorthwhile = SignBets.NONE;
    private long better;
    private long worse;

    /**
     * Creates evidence without a cycle.
     *
     * @param fresh returns evidence without observations
     */
    CycleEvidence(Supplier<MetricEvidence> fresh) {
        this.fresh = fresh;
        this.open = fresh.get();
        for (Claim claim : Claim.values()) {
            bets.put(claim, SignBets.NONE);
        }
    }

    /**
     * Adds a window to the open cycle.
     *
     * @param sinceBeginning the evidence since the beginning of the stage, which has absorbed the window already
     */
    void absorb(Tally window, MetricEvidence sinceBeginning) {
        open.absorbAfter(sinceBeginning, window);
    }

    /**
     * Ends the open cycle. One without observations in both arms says nothing.
     *
     * @param sinceBeginning the evidence since the beginning of the stage, which says what is allowed and what is worth
     *     having
     */
    void close(MetricEvidence sinceBeginning) {
        double improvement = open.improvement();
        double allowance = sinceBeginning.allowedDifference();
        if (!Double.isNaN(improvement)) {
            add(Claim.SUPERIOR, improvement);
            add(Claim.NON_INFERIOR, improvement + allowance);
            add(Claim.HARM, -improvement - (sinceBeginning.allowsHarm() ? allowance : 0));
            double worthwhile = sinceBeginning.worthwhileDifference();
            againstWorthwhile =
                    Double.isNaN(worthwhile) ? againstWorthwhile : againstWorthwhile.plus(worthwhile - improvement);
            better += improvement > 0 ? 1 : 0;
            worse += improvement < 0 ? 1 : 0;
        }
        open = fresh.get();
    }

    private void add(Claim claim, double observation) {
        bets.put(claim, bets(claim).plus(observation));
    }

    /** A look at the cycles that are over. */
    CycleLook look() {
        return new CycleLook(
                better,
                worse,
                bets(Claim.SUPERIOR).logEvidence(),
                bets(Claim.NON_INFERIOR).logEvidence(),
                bets(Claim.HARM).logEvidence(),
                againstWorthwhile.logEvidence());
    }

    /** The evidence of the open cycle. */
    MetricEvidence open() {
        return open;
    }

    /** The bets on {@code claim}, one of each cycle that is over. */
    SignBets bets(Claim claim) {
        return bets.getOrDefault(claim, SignBets.NONE);
    }

    /** The bets that the improvement is smaller than what is worth having. */
    SignBets againstWorthwhile() {
        return againstWorthwhile;
    }

    long better() {
        return better;
    }

    long worse() {
        return worse;
    }

    /** Restores all state except that of {@link #open}. */
    void restore(
            Map<Claim, SignBets> restoredBets,
            SignBets restoredAgainstWorthwhile,
            long restoredBetter,
            long restoredWorse) {
        bets.putAll(restoredBets);
        againstWorthwhile = restoredAgainstWorthwhile;
        better = restoredBetter;
        worse = restoredWorse;
    }
}

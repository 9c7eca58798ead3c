package io.understudy.examples.flightdelay.startdays;

import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.judging.JudgedStage;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.SignBets;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * After how many days the evidence of cycles shows a claim about the Brier score, if each day is a cycle. The units play
 * no part. Safe for many threads.
 */
final class CyclesToShow {

    private final Flights flights;
    private final float[] existingScores;
    private final float[] candidateScores;

    /**
     * Creates the measurement of one candidate.
     *
     * @param existingScores the existing model's probability for each flight
     * @param candidateScores the candidate's probability for each flight
     */
    CyclesToShow(Flights flights, float[] existingScores, float[] candidateScores) {
        this.flights = flights;
        this.existingScores = existingScores;
        this.candidateScores = candidateScores;
    }

    /** What can be shown of a candidate. */
    enum Claim {
        BETTER(1),
        WORSE(-1);

        private final int sign;

        Claim(int sign) {
            this.sign = sign;
        }

        /** The log evidence that the success metric of the first stage needs for the claim. */
        double threshold(EvidencePlan plan) {
            MetricEvaluation success = JudgedStage.empty(plan, 0).rule(Duration.ZERO).metrics().stream()
                    .filter(metric -> metric.getRole() == MetricRole.SUCCESS)
                    .findFirst()
                    .orElseThrow();
            return this == BETTER ? success.getThreshold() : success.getThresholdOfHarm();
        }
    }

    /**
     * The number of days until a claim is shown for the first time.
     *
     * @param start departure of the first flight at the earliest, milliseconds since 1970
     * @param days the number of days to look at
     * @param threshold the log evidence that shows the claim
     * @return 1 to {@code days}; empty if it is not shown until then
     */
    OptionalInt of(Claim claim, long start, int days, double threshold) {
        int[] order = flights.inOrderOfLanding();
        int first = flights.firstFrom(start);
        int landing = flights.firstLandingFrom(start);
        SignBets bets = SignBets.NONE;
        for (int day = 1; day <= days; day++) {
            int next = flights.firstLandingFrom(start + day * Duration.ofDays(1).toMillis());
            bets = bets.plus(claim.sign * improvement(order, landing, next, first));
            if (bets.logEvidence() >= threshold) {
                return OptionalInt.of(day);
            }
            landing = next;
        }
        return OptionalInt.empty();
    }

    /** How much better the candidate's Brier score is on the flights that landed, of those from {@code first} on. */
    private double improvement(int[] order, int from, int to, int first) {
        ForecastQuality existing = new ForecastQuality();
        ForecastQuality candidate = new ForecastQuality();
        for (int i = from; i < to; i++) {
            int flight = order[i];
            if (flight >= first) {
                boolean late = flights.flights().get(flight).isLate();
                existing.add(existingScores[flight], late);
                candidate.add(candidateScores[flight], late);
            }
        }
        return existing.brier() - candidate.brier();
    }
}

package io.understudy.examples.flightdelay;

/** How good probabilities were, on average over events that came or did not. Not safe for several threads. */
public final class ForecastQuality {

    private static final double SMALLEST_PROBABILITY = 1e-7;

    private long events;
    private double squares;
    private double logs;

    /** Counts the probability, 0 to 1, that was given to an event. */
    public void add(double probability, boolean came) {
        double off = probability - (came ? 1 : 0);
        double given = came ? probability : 1 - probability;
        events++;
        squares += off * off;
        logs -= Math.log(Math.max(SMALLEST_PROBABILITY, given));
    }

    /** Events counted. */
    public long events() {
        return events;
    }

    /** Brier score: the mean squared distance of the probability from 1 or 0; lower is better. NaN before the first event. */
    public double brier() {
        return squares / events;
    }

    /** Log loss: the mean negative natural logarithm of what was given to what happened; lower is better. NaN before the first event. */
    public double logLoss() {
        return logs / events;
    }
}

package io.understudy.examples.flightdelay;

/**
 * The quality of forecast probabilities, averaged over events that occurred or did not occur. Not safe for several
 * threads.
 */
public final class ForecastQuality {

    private static final double MIN_PROBABILITY = 1e-7;

    private long events;
    private double squaredErrors;
    private double logLosses;

    /** Adds the forecast probability, 0 to 1, of an event that occurred or did not occur. */
    public void add(double probability, boolean occurred) {
        double error = probability - (occurred ? 1 : 0);
        double probabilityOfResult = occurred ? probability : 1 - probability;
        events++;
        squaredErrors += error * error;
        logLosses -= Math.log(Math.max(MIN_PROBABILITY, probabilityOfResult));
    }

    /** The number of events. */
    public long events() {
        return events;
    }

    /**
     * Brier score: the mean squared distance of the probability from 1 or 0; lower is better. NaN before the first
     * event.
     */
    public double brier() {
        return squaredErrors / events;
    }

    /**
     * Log loss: the mean negative natural logarithm of the probability of the actual result; lower is better. NaN
     * before the first event.
     */
    public double logLoss() {
        return logLosses / events;
    }
}

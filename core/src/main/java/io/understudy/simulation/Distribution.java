package io.understudy.simulation;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** What a metric's observations are drawn from, by way of a uniform number. */
sealed interface Distribution {

    NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /**
     * An observation.
     *
     * @param uniform between 0 and 1
     * @param swing how far the base rate is off its usual value just now: the log of what odds are multiplied by, or what is added in
     *     standard deviations
     */
    double draw(double uniform, double swing);

    /** 1 with chance {@code p}, 0 otherwise. */
    record Bernoulli(double p) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            double chance = p;
            if (swing != 0) {
                double odds = Math.exp(swing);
                chance = p * odds / (1 - p + p * odds);
            }
            return uniform < chance ? 1 : 0;
        }
    }

    /** Normal with mean {@code mean} and standard deviation {@code sd}. */
    record Normal(double mean, double sd) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            return mean + sd * (NORMAL.inverseCumulativeProbability(uniform) + swing);
        }
    }

    /** The exponential of a normal with mean {@code mu} and standard deviation {@code sigma}. */
    record Lognormal(double mu, double sigma) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            return Math.exp(mu + sigma * (NORMAL.inverseCumulativeProbability(uniform) + swing));
        }
    }
}

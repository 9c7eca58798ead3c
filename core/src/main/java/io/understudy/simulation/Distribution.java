package io.understudy.simulation;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** The distribution of a metric's observations. An observation is computed from a uniform random number. */
sealed interface Distribution {

    NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /**
     * Draws an observation.
     *
     * @param uniform a uniform random number between 0 and 1
     * @param swing the current deviation of the base rate from its mean: the log of a factor of the odds, or a number
     *     of standard deviations to add
     */
    double draw(double uniform, double swing);

    /** 1 with probability {@code p}, otherwise 0. */
    record Bernoulli(double p) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            double probability = p;
            if (swing != 0) {
                double oddsFactor = Math.exp(swing);
                probability = p * oddsFactor / (1 - p + p * oddsFactor);
            }
            return uniform < probability ? 1 : 0;
        }
    }

    /** A normal distribution with mean {@code mean} and standard deviation {@code sd}. */
    record Normal(double mean, double sd) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            return mean + sd * (NORMAL.inverseCumulativeProbability(uniform) + swing);
        }
    }

    /** The exponential of a normal distribution with mean {@code mu} and standard deviation {@code sigma}. */
    record Lognormal(double mu, double sigma) implements Distribution {
        @Override
        public double draw(double uniform, double swing) {
            return Math.exp(mu + sigma * (NORMAL.inverseCumulativeProbability(uniform) + swing));
        }
    }
}

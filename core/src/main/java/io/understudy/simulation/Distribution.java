package io.understudy.simulation;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** The distribution of a metric's observations. An observation is computed from a uniform random number. */
sealed interface Distribution {

    NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /** The observation that belongs to {@code uniform}, a uniform random number between 0 and 1. */
    double draw(double uniform);

    /**
     * The distribution while the base rate deviates from its mean.
     *
     * @param swing the log of a factor of the odds, or a number of standard deviations to add
     */
    Distribution swung(double swing);

    /** The distribution with {@code shift} added to {@code p}, {@code mean} or {@code mu}. */
    Distribution shifted(double shift);

    /** 1 with probability {@code p}, otherwise 0. */
    record Bernoulli(double p) implements Distribution {
        @Override
        public double draw(double uniform) {
            return uniform < p ? 1 : 0;
        }

        @Override
        public Distribution swung(double swing) {
            double oddsFactor = Math.exp(swing);
            return new Bernoulli(p * oddsFactor / (1 - p + p * oddsFactor));
        }

        /** Cut to the same length on both sides, so that shifts with mean 0 leave the mean rate as it is. */
        @Override
        public Distribution shifted(double shift) {
            double room = Math.min(p, 1 - p);
            return new Bernoulli(p + Math.max(-room, Math.min(room, shift)));
        }
    }

    /** A normal distribution with mean {@code mean} and standard deviation {@code sd}. */
    record Normal(double mean, double sd) implements Distribution {
        @Override
        public double draw(double uniform) {
            return mean + sd * NORMAL.inverseCumulativeProbability(uniform);
        }

        @Override
        public Distribution swung(double swing) {
            return new Normal(mean + sd * swing, sd);
        }

        @Override
        public Distribution shifted(double shift) {
            return new Normal(mean + shift, sd);
        }
    }

    /** The exponential of a normal distribution with mean {@code mu} and standard deviation {@code sigma}. */
    record Lognormal(double mu, double sigma) implements Distribution {
        @Override
        public double draw(double uniform) {
            return Math.exp(mu + sigma * NORMAL.inverseCumulativeProbability(uniform));
        }

        @Override
        public Distribution swung(double swing) {
            return new Lognormal(mu + sigma * swing, sigma);
        }

        @Override
        public Distribution shifted(double shift) {
            return new Lognormal(mu + shift, sigma);
        }
    }
}

package io.understudy.simulation;

import org.apache.commons.rng.UniformRandomProvider;

/** How many windows pass between a request and its outcome. */
sealed interface LabelDelay {

    /** Outcomes are known at once. */
    LabelDelay NONE = new Between(0, 0);

    /** Draws the delay of one outcome. */
    int draw(UniformRandomProvider random);

    /** Each number of windows from {@code from} to {@code to} is as likely as the others. */
    record Between(int from, int to) implements LabelDelay {
        @Override
        public int draw(UniformRandomProvider random) {
            return from == to ? from : from + random.nextInt(to - from + 1);
        }
    }

    /** Exponential with mean {@code mean} windows, cut to at most {@code longest} windows. */
    record Exponential(double mean, int longest) implements LabelDelay {
        @Override
        public int draw(UniformRandomProvider random) {
            return (int) Math.min(longest, -mean * Math.log1p(-random.nextDouble()));
        }
    }
}

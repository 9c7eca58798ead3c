package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.CalibrationSetting.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** The settings in which the error rates of the judge must stay below alpha. */
final class CalibrationSettings {

    private static final String EVEN = "kind: ab, share: 50%";
    private static final String CANARY = "kind: canary, share: 5%";
    private static final String SHADOW = "kind: shadow";

    private CalibrationSettings() {}

    static List<CalibrationSetting> all() {
        List<CalibrationSetting> all = new ArrayList<>();
        all.add(rates("rate .1, 50/50", EVEN, 100, 0.1, 1.5, 0));
        all.add(rates("rate .1, 50/50, windows of 5 units", EVEN, 5, 0.1, 2, 0));
        all.add(rates("rate .01, canary 95/5", CANARY, 1000, 0.01, 2, 0));
        all.add(rates("rate .001, canary 95/5", CANARY, 4000, 0.001, 3, 0));
        all.add(rates("rate .1 swinging by half, canary 95/5", CANARY, 400, 0.1, 1.5, 0.5));
        all.add(pairs());
        all.add(means("normal mean, 50/50", EVEN, 0.1, 100));
        all.add(means("normal mean, canary 95/5", CANARY, 0.1, 400));
        all.add(lognormal("lognormal mean, sd of the log 1.5, 50/50", EVEN));
        all.add(lognormal("lognormal mean, sd of the log 1.5, canary 95/5", CANARY));
        all.add(capped());
        all.add(pairedMeans());
        all.add(sticky("sticky users, 5 requests, ICC .2, rate .2, 50/50", EVEN, 5, 0.2, 100));
        all.add(sticky("sticky users, 20 requests, ICC .2, rate .2, 50/50", EVEN, 20, 0.2, 100));
        all.add(sticky("sticky users, 5 requests, ICC .2, rate .2, canary 95/5", CANARY, 5, 0.2, 400));
        all.add(sticky("sticky users, 5 requests, ICC .2, rate .01, canary 95/5", CANARY, 5, 0.01, 400));
        return all;
    }

    private static CalibrationSetting rates(String name, String stage, int units, double p, double odds, double swing) {
        return new CalibrationSetting(
                name,
                "request",
                stage,
                "kind: conversion",
                odds,
                "units-per-window: " + units + "\nbase-rate-swing: " + swing,
                bernoulli(p, p),
                bernoulli(p, after(p, odds)),
                Kind.RATES,
                Math.sqrt(p * (1 - p)),
                0,
                1,
                1);
    }

    private static CalibrationSetting sticky(String name, String stage, int requests, double p, int keys) {
        double mde = p / 8;
        return new CalibrationSetting(
                name,
                "key",
                stage,
                "kind: conversion",
                mde,
                "units-per-window: " + keys + "\nrequests-per-key: " + requests + "\nintra-key-correlation: 0.2",
                bernoulli(p, p),
                bernoulli(p, p + mde),
                Kind.MEANS,
                Math.sqrt(p * (1 - p)),
                Math.sqrt((p + mde) * (1 - p - mde)),
                requests,
                1 + (requests - 1) * 0.2);
    }

    private static CalibrationSetting pairs() {
        return new CalibrationSetting(
                "right or wrong, both models, shadow",
                "request",
                SHADOW,
                "kind: accuracy",
                1.5,
                "units-per-window: 20\npair-correlation: 0.6",
                bernoulli(0.8, 0.8),
                bernoulli(0.8, 0.8 + discordantGain()),
                Kind.PAIRS,
                0,
                0,
                1,
                1);
    }

    /** The gain in accuracy that makes the odds of a discordant request 1.5, with a pair correlation of .6. */
    private static double discordantGain() {
        // P(candidate only) = .4 * q * .2 + .6 * (q - .8), P(existing only) = .4 * (1 - q) * .8; their ratio is 1.5 at
        // this q.
        double low = 0.8;
        double high = 0.95;
        for (int i = 0; i < 60; i++) {
            double q = (low + high) / 2;
            double ratio = (0.4 * q * 0.2 + 0.6 * (q - 0.8)) / (0.4 * (1 - q) * 0.8);
            if (ratio < 1.5) {
                low = q;
            } else {
                high = q;
            }
        }
        return low - 0.8;
    }

    private static CalibrationSetting means(String name, String stage, double mde, int units) {
        return new CalibrationSetting(
                name,
                "request",
                stage,
                "kind: value",
                mde,
                "units-per-window: " + units,
                normal(0, 0),
                normal(0, mde),
                Kind.MEANS,
                1,
                1,
                1,
                1);
    }

    private static CalibrationSetting pairedMeans() {
        return new CalibrationSetting(
                "normal errors of both models, shadow",
                "request",
                SHADOW,
                "kind: squared-error",
                0.1,
                "units-per-window: 100\npair-correlation: 0.7",
                normal(1, 1),
                normal(1, 0.9),
                Kind.PAIRED_MEANS,
                Math.sqrt(2 * 0.3),
                0,
                1,
                1);
    }

    private static CalibrationSetting lognormal(String name, String stage) {
        double sigma = 1.5;
        double mean = Math.exp(sigma * sigma / 2);
        double sd = mean * Math.sqrt(Math.expm1(sigma * sigma));
        double mde = 0.2 * mean;
        return new CalibrationSetting(
                name,
                "request",
                stage,
                "kind: value",
                mde,
                "units-per-window: 400",
                lognormal(0, 0, sigma),
                lognormal(0, Math.log(1.2), sigma),
                Kind.MEANS,
                sd,
                1.2 * sd,
                1,
                1);
    }

    /** The same with a cap at the 99th percentile, which makes data with a heavy tail decidable. */
    private static CalibrationSetting capped() {
        double sigma = 1.5;
        double cap = Math.exp(2.326 * sigma);
        double[] existing = moments(0, sigma, cap);
        double[] candidate = moments(Math.log(1.08), sigma, cap);
        return new CalibrationSetting(
                "the same capped at its 99th percentile, 50/50",
                "request",
                EVEN,
                "kind: value, cap: " + text(cap),
                candidate[0] - existing[0],
                "units-per-window: 400",
                lognormal(0, 0, sigma),
                lognormal(0, Math.log(1.08), sigma),
                Kind.MEANS,
                existing[1],
                candidate[1],
                1,
                1);
    }

    /** Mean and standard deviation of a capped lognormal, computed from a hundred thousand quantiles. */
    private static double[] moments(double mu, double sigma, double cap) {
        NormalDistribution normal = NormalDistribution.of(0, 1);
        int steps = 100_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < steps; i++) {
            double value = Math.min(cap, Math.exp(mu + sigma * normal.inverseCumulativeProbability((i + 0.5) / steps)));
            sum += value;
            squares += value * value;
        }
        double mean = sum / steps;
        return new double[] {mean, Math.sqrt(squares / steps - mean * mean)};
    }

    /** The rate with {@code odds} times the odds of {@code p}. */
    static double after(double p, double odds) {
        return p * odds / (1 - p + p * odds);
    }

    private static String bernoulli(double existing, double candidate) {
        return "{distribution: bernoulli, existing: %s, candidate: %s}".formatted(text(existing), text(candidate));
    }

    private static String normal(double existing, double candidate) {
        return "{distribution: normal, existing: {mean: %s, sd: 1}, candidate: {mean: %s, sd: 1}}"
                .formatted(text(existing), text(candidate));
    }

    private static String lognormal(double existing, double candidate, double sigma) {
        return "{distribution: lognormal, existing: {mu: %s, sigma: %s}, candidate: {mu: %s, sigma: %s}}"
                .formatted(text(existing), text(sigma), text(candidate), text(sigma));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.10f", value);
    }
}

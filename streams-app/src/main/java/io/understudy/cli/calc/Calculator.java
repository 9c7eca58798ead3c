package io.understudy.cli.calc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.DeltaMethod;
import io.understudy.statistics.Drift;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.FixedHorizon.MeanTest;
import io.understudy.statistics.FixedHorizon.ProportionTest;
import io.understudy.statistics.FixedHorizon.RankTest;
import io.understudy.statistics.Moments;
import io.understudy.statistics.MultipleTesting;
import io.understudy.statistics.NormalMixture;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.SampleRatio;
import io.understudy.statistics.Side;
import io.understudy.statistics.TwoByTwoTable;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Answers one request: the field {@code test} names the test, the other fields are its arguments. */
final class Calculator {

    private static final double DEFAULT_RATIO_WEIGHT = 100;
    private static final String REASON = "reason";
    private static final String NO_VALUES = "an arm has no values";
    private static final String NEEDS_TWO = "the variance of an arm needs at least two units";
    private static final String NO_VARIANCE = "no value differs from another of its arm, so there is no standard error";

    /** The tests by name; each writes the fields of its answer. */
    private static final Map<String, BiConsumer<Fields, ObjectNode>> TESTS = new TreeMap<>(Map.ofEntries(
            Map.entry("welch", Calculator::welch),
            Map.entry("two-proportion", Calculator::twoProportion),
            Map.entry("non-inferiority", Calculator::nonInferiority),
            Map.entry("mann-whitney", Calculator::mannWhitney),
            Map.entry("ks", Calculator::kolmogorovSmirnov),
            Map.entry("paired", Calculator::paired),
            Map.entry("mcnemar", Calculator::mcNemar),
            Map.entry("conditional-odds-ratio", Calculator::conditionalOddsRatio),
            Map.entry("normal-mixture", Calculator::normalMixture),
            Map.entry("discordant-pairs", Calculator::discordantPairs),
            Map.entry("sample-ratio", Calculator::sampleRatio),
            Map.entry("drift", Calculator::drift),
            Map.entry("ratio", Calculator::ratio),
            Map.entry("moments", Calculator::moments),
            Map.entry("holm", (in, out) -> array(out, "adjusted", MultipleTesting.holm(in.numbers("p")))),
            Map.entry(
                    "benjamini-hochberg",
                    (in, out) -> array(out, "adjusted", MultipleTesting.benjaminiHochberg(in.numbers("p")))),
            Map.entry("e-benjamini-hochberg", Calculator::eBenjaminiHochberg)));

    private Calculator() {}

    /**
     * The answer to {@code request}. Undefined numbers are null, and the field {@code reason} then says why.
     *
     * @throws IllegalArgumentException when the request is not valid; the message says what is wrong and what is
     * allowed
     */
    static ObjectNode answer(JsonNode request) {
        if (!request.isObject()) {
            throw new IllegalArgumentException("a request is a JSON object with the field test");
        }
        Fields fields = new Fields("", request);
        String name = fields.text("test");
        BiConsumer<Fields, ObjectNode> test = TESTS.get(name);
        if (test == null) {
            throw new IllegalArgumentException("test is '" + name + "'; allowed: " + String.join(", ", TESTS.keySet()));
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        test.accept(fields, answer);
        boolean isUndefined =
                answer.properties().stream().anyMatch(field -> field.getValue().isNull());
        reason(answer, isUndefined, "the numbers are too large or too small to compute with");
        return answer;
    }

    private static void welch(Fields in, ObjectNode out) {
        Moments existing = in.object("existing").summary();
        Moments candidate = in.object("candidate").summary();
        MeanTest test = FixedHorizon.welch(existing, candidate, in.side("alternative"), in.alpha());
        meanTest(test, out);
        put(out, "difference", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
        needsVariance(out, existing, candidate);
    }

    private static void needsVariance(ObjectNode out, Moments existing, Moments candidate) {
        reason(out, existing.n() < 2 || candidate.n() < 2, NEEDS_TWO);
        reason(out, existing.m2() == 0 && candidate.m2() == 0, NO_VARIANCE);
    }

    private static void meanTest(MeanTest test, ObjectNode out) {
        put(out, "statistic", test.statistic());
        put(out, "df", test.degreesOfFreedom());
        put(out, "p", test.p());
    }

    private static void twoProportion(Fields in, ObjectNode out) {
        TwoByTwoTable table = table(in);
        ProportionTest test = FixedHorizon.twoProportions(table, in.side("alternative"), in.alpha());
        put(out, "z", test.z());
        put(out, "p", test.p());
        put(out, "fisherP", test.fisherP());
        put(out, "difference", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
        reason(out, table.existingUnits() == 0 || table.candidateUnits() == 0, "an arm has no units");
        reason(out, Double.isNaN(test.z()), "both arms have only successes, or none, so z has no standard error");
        reason(out, Double.isNaN(test.fisherP()), "Fisher's test would take too long; the z-test is as good");
    }

    private static TwoByTwoTable table(Fields in) {
        Fields existing = in.object("existing");
        Fields candidate = in.object("candidate");
        return new TwoByTwoTable(
                existing.count("n"), existing.count("successes"), candidate.count("n"), candidate.count("successes"));
    }

    private static void nonInferiority(Fields in, ObjectNode out) {
        Moments existing = in.object("existing").summary();
        Moments candidate = in.object("candidate").summary();
        meanTest(
                FixedHorizon.nonInferiority(existing, candidate, in.notNegative("margin"), in.better(), in.alpha()),
                out);
        needsVariance(out, existing, candidate);
    }

    private static void mannWhitney(Fields in, ObjectNode out) {
        RankTest test =
                FixedHorizon.mannWhitney(in.numbers("existing"), in.numbers("candidate"), in.side("alternative"));
        put(out, "u", test.statistic());
        put(out, "p", test.p());
        reason(out, Double.isNaN(test.statistic()), NO_VALUES);
    }

    private static void kolmogorovSmirnov(Fields in, ObjectNode out) {
        RankTest test = FixedHorizon.kolmogorovSmirnov(in.numbers("existing"), in.numbers("candidate"));
        put(out, "d", test.statistic());
        put(out, "p", test.p());
        reason(out, Double.isNaN(test.statistic()), NO_VALUES);
    }

    private static void paired(Fields in, ObjectNode out) {
        Moments differences = Moments.of(in.numbers("differences"));
        MeanTest test = FixedHorizon.paired(differences, in.alpha());
        meanTest(test, out);
        put(out, "mean", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
        reason(out, differences.n() < 2, "the variance needs at least two differences");
        reason(out, differences.m2() == 0, "all differences are the same, so there is no standard error");
    }

    private static void mcNemar(Fields in, ObjectNode out) {
        put(out, "p", FixedHorizon.mcNemar(in.count("existingOnly"), in.count("candidateOnly")));
    }

    private static void conditionalOddsRatio(Fields in, ObjectNode out) {
        OddsRatioLikelihood likelihood = OddsRatioLikelihood.empty(in.number("null", 0), in.positive("mde"));
        for (Fields window : in.objects("windows")) {
            likelihood = likelihood.plus(table(window));
        }
        put(out, "logE", likelihood.logEvidence(0, in.side("side")));
    }

    private static void normalMixture(Fields in, ObjectNode out) {
        Estimate estimate = new Estimate(in.number("difference"), in.notNegative("standardError"));
        double tau = in.positive("tau");
        double logE;
        if (in.has("margin")) {
            Side better = in.better();
            double good = better == Side.GREATER ? estimate.difference() : -estimate.difference();
            Estimate overMargin = new Estimate(good + in.notNegative("margin"), estimate.standardError());
            logE = NormalMixture.logEvidence(overMargin, tau, in.has("side") ? in.side("side") : Side.GREATER);
        } else {
            logE = NormalMixture.logEvidence(estimate, tau, in.side("side"));
        }
        reason(out, estimate.standardError() == 0, "the standard error is 0, so nothing can be said of the difference");
        double[] interval = NormalMixture.interval(estimate, tau, in.alpha());
        put(out, "logE", logE);
        put(out, "low", interval[0]);
        put(out, "high", interval[1]);
    }

    private static void discordantPairs(Fields in, ObjectNode out) {
        put(
                out,
                "logE",
                BinomialMixture.logEvidence(
                        in.count("candidateOnly"),
                        in.count("existingOnly"),
                        0.5,
                        BinomialMixture.weight(in.number("theta")),
                        in.side("side")));
    }

    private static void sampleRatio(Fields in, ObjectNode out) {
        long[] observed = in.counts("observed");
        double[] shares = in.numbers("shares");
        double k = in.has("k") ? in.positive("k") : DEFAULT_RATIO_WEIGHT;
        put(out, "logBayesFactor", SampleRatio.logBayesFactor(observed, shares, k));
        if (Arrays.stream(observed).sum() == 0) {
            put(out, "chiSquare", Double.NaN);
            put(out, "p", Double.NaN);
            reason(out, true, "no arm has units");
        } else {
            var chiSquare = SampleRatio.chiSquare(observed, shares);
            put(out, "chiSquare", chiSquare.getStatistic());
            put(out, "p", chiSquare.getPValue());
        }
    }

    private static void drift(Fields in, ObjectNode out) {
        long[] existing = in.counts("existing");
        long[] candidate = in.counts("candidate");
        put(out, "psi", Drift.populationStability(existing, candidate));
        put(out, "jensenShannon", Drift.jensenShannon(existing, candidate));
        reason(
                out,
                Math.min(Arrays.stream(existing).sum(), Arrays.stream(candidate).sum()) == 0,
                "a histogram is empty");
        put(out, "logBayesFactor", Drift.logBayesFactor(existing, candidate));
    }

    private static void ratio(Fields in, ObjectNode out) {
        DeltaMethod.Sums existing = sums(in.object("existing"));
        DeltaMethod.Sums candidate = sums(in.object("candidate"));
        Estimate estimate = DeltaMethod.difference(existing, candidate);
        put(out, "difference", estimate.difference());
        put(out, "standardError", estimate.standardError());
        reason(out, existing.requests() == 0 || candidate.requests() == 0, "an arm has no requests");
        reason(out, existing.units() < 2 || candidate.units() < 2, NEEDS_TWO);
    }

    private static DeltaMethod.Sums sums(Fields in) {
        return new DeltaMethod.Sums(
                in.count("units"),
                in.number("sum"),
                in.number("sumSquares"),
                in.number("requests"),
                in.number("requestsSquares"),
                in.number("cross"));
    }

    private static void moments(Fields in, ObjectNode out) {
        Moments all = in.lists("windows").stream().map(Moments::of).reduce(Moments.NONE, Moments::merge);
        out.put("n", all.n());
        put(out, "mean", all.n() == 0 ? Double.NaN : all.mean());
        put(out, "m2", all.m2());
        put(out, "variance", all.variance());
        reason(out, all.n() < 2, "the variance needs at least two values");
    }

    private static void eBenjaminiHochberg(Fields in, ObjectNode out) {
        ArrayNode rejected = out.putArray("rejected");
        for (boolean value : MultipleTesting.eBenjaminiHochberg(in.numbers("e"), in.alpha())) {
            rejected.add(value);
        }
    }

    private static void array(ObjectNode out, String name, double... values) {
        ArrayNode array = out.putArray(name);
        for (double value : values) {
            array.add(value);
        }
    }

    /** Says why something in the answer is undefined; the first reason stays. */
    private static void reason(ObjectNode out, boolean applies, String text) {
        if (applies && !out.has(REASON)) {
            out.put(REASON, text);
        }
    }

    private static void put(ObjectNode out, String name, double value) {
        if (Double.isFinite(value)) {
            out.put(name, value);
        } else {
            out.putNull(name);
        }
    }
}

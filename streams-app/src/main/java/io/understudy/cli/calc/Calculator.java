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
     * The answer to {@code request}; undefined numbers are null.
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
        return answer;
    }

    private static void welch(Fields in, ObjectNode out) {
        MeanTest test = FixedHorizon.welch(
                in.object("existing").summary(), in.object("candidate").summary(), in.side("alternative"), in.alpha());
        meanTest(test, out);
        put(out, "difference", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
    }

    private static void meanTest(MeanTest test, ObjectNode out) {
        put(out, "statistic", test.statistic());
        put(out, "df", test.degreesOfFreedom());
        put(out, "p", test.p());
    }

    private static void twoProportion(Fields in, ObjectNode out) {
        ProportionTest test = FixedHorizon.twoProportions(table(in), in.side("alternative"), in.alpha());
        put(out, "z", test.z());
        put(out, "p", test.p());
        put(out, "fisherP", test.fisherP());
        put(out, "difference", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
    }

    private static TwoByTwoTable table(Fields in) {
        Fields existing = in.object("existing");
        Fields candidate = in.object("candidate");
        return new TwoByTwoTable(
                existing.count("n"), existing.count("successes"), candidate.count("n"), candidate.count("successes"));
    }

    private static void nonInferiority(Fields in, ObjectNode out) {
        meanTest(
                FixedHorizon.nonInferiority(
                        in.object("existing").summary(),
                        in.object("candidate").summary(),
                        in.notNegative("margin"),
                        in.better(),
                        in.alpha()),
                out);
    }

    private static void mannWhitney(Fields in, ObjectNode out) {
        RankTest test =
                FixedHorizon.mannWhitney(in.numbers("existing"), in.numbers("candidate"), in.side("alternative"));
        put(out, "u", test.statistic());
        put(out, "p", test.p());
    }

    private static void kolmogorovSmirnov(Fields in, ObjectNode out) {
        RankTest test = FixedHorizon.kolmogorovSmirnov(in.numbers("existing"), in.numbers("candidate"));
        put(out, "d", test.statistic());
        put(out, "p", test.p());
    }

    private static void paired(Fields in, ObjectNode out) {
        MeanTest test = FixedHorizon.paired(Moments.of(in.numbers("differences")), in.alpha());
        meanTest(test, out);
        put(out, "mean", test.difference());
        put(out, "low", test.low());
        put(out, "high", test.high());
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
        put(out, "logBayesFactor", Drift.logBayesFactor(existing, candidate));
    }

    private static void ratio(Fields in, ObjectNode out) {
        Estimate estimate = DeltaMethod.difference(sums(in.object("existing")), sums(in.object("candidate")));
        put(out, "difference", estimate.difference());
        put(out, "standardError", estimate.standardError());
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

    private static void put(ObjectNode out, String name, double value) {
        if (Double.isFinite(value)) {
            out.put(name, value);
        } else {
            out.putNull(name);
        }
    }
}

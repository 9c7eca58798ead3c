package io.understudy.statistics;

import java.util.Arrays;
import org.apache.commons.numbers.combinatorics.LogFactorial;
import org.apache.commons.numbers.gamma.LogGamma;

/**
 * The conditional log likelihood L of the log odds ratio psi between two randomised arms, on a lattice of points, and
 * the e-values derived from it.
 *
 * <p>Given the number s of successes of both arms in a window, the candidate's successes xb follow Fisher's noncentral
 * hypergeometric distribution: {@code P(xb | s) = C(nb,xb) C(na,s-xb) e^(psi xb) / Z(psi,s)}. The base rate cancels
 * out, so it may drift from window to window. Each window adds {@code psi xb - ln Z(psi,s)} to L(psi). The e-value
 * against psi0 is a mixture of likelihood ratios, {@code ln E = logsumexp(ln w_i + L(psi_i)) - L(psi0)}: a quarter of
 * the weight is on each of psi0 +- mde, and half on a Gaussian grid psi0 + mde x, with x from -4 to 4 in steps of 0.2.
 * A one-sided e-value uses only the points on the claimed side, renormalised.
 *
 * <p>Assumes independent units that are randomised between the arms. Exact at any size and any split, even without
 * events; a window without units in one arm adds nothing. Valid at every look: by Ville's inequality, the probability
 * that ln E ever reaches ln(1/alpha) under psi0 is at most alpha. Sources: R. A. Fisher (1935) for the distribution; Y.
 * Turner, A. Ly, P. Grünwald, "Generic E-variables for exact sequential k-sample tests" (2021) for conditional
 * e-processes; H. Robbins (1970) for mixtures.
 *
 * <p>States of disjoint windows with the same lattice are merged by adding them.
 */
public final class OddsRatioLikelihood {

    /** Lattice points on each side of the origin. */
    private static final int REACH = 25;
    /** Lattice steps in one mde. */
    private static final int STEPS = 5;
    /** Lattice steps of the Gaussian grid on each side of its centre: four mde. */
    private static final int GRID_REACH = 20;

    private static final double NEGLIGIBLE = 1e-17;
    private static final int BISECTIONS = 40;
    private static final LogFactorial LOG_FACTORIAL = LogFactorial.create().withCache(8192);
    private static final double[][] LOG_WEIGHTS = logWeights();

    private final double origin;
    private final double mde;
    private final double[] logLikelihood;

    private OddsRatioLikelihood(double origin, double mde, double[] logLikelihood) {
        this.origin = origin;
        this.mde = mde;
        this.logLikelihood = logLikelihood;
    }

    /**
     * The likelihood before any data, on the lattice {@code origin + mde * x}, x from -5 to 5 in steps of 0.2.
     *
     * @param origin a log odds ratio, usually 0
     * @param mde the log odds ratio worth detecting, greater than 0
     */
    public static OddsRatioLikelihood empty(double origin, double mde) {
        return of(origin, mde, new double[2 * REACH + 1]);
    }

    /** A likelihood restored from its values at the lattice points, lowest point first. */
    public static OddsRatioLikelihood of(double origin, double mde, double[] logLikelihood) {
        if (!(mde > 0) || Double.isInfinite(mde) || !Double.isFinite(origin)) {
            throw new IllegalArgumentException("mde is " + mde + ", origin " + origin
                    + "; both must be finite log odds ratios, and mde greater than 0");
        }
        if (logLikelihood.length != 2 * REACH + 1) {
            throw new IllegalArgumentException(
                    "there are " + logLikelihood.length + " values; the lattice has " + (2 * REACH + 1) + " points");
        }
        return new OddsRatioLikelihood(origin, mde, logLikelihood.clone());
    }

    /** L at the lattice points, lowest point first. */
    public double[] logLikelihood() {
        return logLikelihood.clone();
    }

    /** The likelihood after one more window, whose counts are {@code table}. */
    public OddsRatioLikelihood plus(TwoByTwoTable table) {
        long s = table.successes();
        long low = Math.max(0, s - table.existingUnits());
        long high = Math.min(table.candidateUnits(), s);
        if (low == high) {
            // Only one table has these margins, so it carries no information about psi.
            return this;
        }
        double[] next = logLikelihood.clone();
        for (int i = 0; i < next.length; i++) {
            double psi = point(i);
            next[i] += psi * table.candidateSuccesses() - logNormaliser(table, psi, low, high);
        }
        return new OddsRatioLikelihood(origin, mde, next);
    }

    /**
     * The likelihood after more pairs. Each pair is a table with one answer in each arm. Of n discordant pairs the
     * candidate alone is right in c. The normaliser of a discordant pair is 1 + e^psi, so together they add {@code c
     * psi - n ln(1 + e^psi)}.
     */
    public OddsRatioLikelihood plus(PairCounts pairs) {
        double[] next = logLikelihood.clone();
        for (int i = 0; i < next.length; i++) {
            double psi = point(i);
            next[i] += pairs.candidateOnly() * psi - pairs.discordant() * Math.log1p(Math.exp(psi));
        }
        return new OddsRatioLikelihood(origin, mde, next);
    }

    /** The likelihood of the windows of both. */
    public OddsRatioLikelihood merge(OddsRatioLikelihood other) {
        if (other.origin != origin || other.mde != mde) {
            throw new IllegalArgumentException("the lattices differ; both must have the same origin and mde");
        }
        double[] sum = logLikelihood.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.logLikelihood[i];
        }
        return new OddsRatioLikelihood(origin, mde, sum);
    }

    /**
     * ln E for a log odds ratio on {@code side} of the origin plus {@code shift} times the mde.
     *
     * @param shift -1, 0 or 1
     */
    public double logEvidence(int shift, Side side) {
        return logEvidenceAt(REACH + shift * STEPS, side);
    }

    /** ln E for a log odds ratio on {@code side} of the lattice point {@code centre}. */
    private double logEvidenceAt(int centre, Side side) {
        double[] terms = new double[2 * GRID_REACH + 1];
        double[] weights = LOG_WEIGHTS[side.ordinal()];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = weights[i] + logLikelihood[centre - GRID_REACH + i];
        }
        return Logarithms.sum(terms, i -> weights[i] > Double.NEGATIVE_INFINITY) - logLikelihood[centre];
    }

    /**
     * The ends of the interval of those log odds ratios that neither one-sided test refutes at {@code alpha}. Each end
     * holds at every look with a probability of 1 - alpha. Within one mde of the origin the ends are those of the tests
     * of {@link #logEvidence}; further out, of the mixture around the origin, which is a little wider. An end outside the
     * lattice is infinite.
     */
    public double[] interval(double alpha) {
        double[] byMixture = intervalByMixture(alpha);
        double low = oneSidedEnd(alpha, Side.GREATER);
        double high = oneSidedEnd(alpha, Side.LESS);
        return new double[] {
            low >= origin + mde ? Math.max(low, byMixture[0]) : low <= origin - mde ? Math.min(low, byMixture[0]) : low,
            high <= origin - mde
                    ? Math.min(high, byMixture[1])
                    : high >= origin + mde ? Math.max(high, byMixture[1]) : high
        };
    }

    /**
     * The last log odds ratio within one mde of the origin that the test for one on {@code side} of it refutes,
     * interpolated between lattice points. If it refutes none or all, the end of the range.
     */
    private double oneSidedEnd(double alpha, Side side) {
        int outwards = side == Side.GREATER ? 1 : -1;
        double threshold = Math.log(1 / alpha);
        double before = logEvidenceAt(REACH - outwards * STEPS, side);
        if (before < threshold) {
            return origin - outwards * mde;
        }
        for (int step = -STEPS + 1; step <= STEPS; step++) {
            double next = logEvidenceAt(REACH + outwards * step, side);
            if (next < threshold) {
                double part = (before - threshold) / (before - next);
                return origin + outwards * mde * (step - 1 + part) / STEPS;
            }
            before = next;
        }
        return origin + outwards * mde;
    }

    /**
     * The ends of the confidence sequence: all log odds ratios that the mixture around the origin does not refute at
     * {@code alpha}. The ends are interpolated quadratically between lattice points; an end outside the lattice is
     * infinite.
     */
    private double[] intervalByMixture(double alpha) {
        double[] terms = new double[2 * GRID_REACH + 1];
        double[] weights = LOG_WEIGHTS[Side.BOTH.ordinal()];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = weights[i] + logLikelihood[REACH - GRID_REACH + i];
        }
        double mixture = Logarithms.sum(terms, i -> true);
        int first = -1;
        int last = -1;
        for (int i = 0; i < logLikelihood.length; i++) {
            if (mixture - logLikelihood[i] < Math.log(1 / alpha)) {
                first = first < 0 ? i : first;
                last = i;
            }
        }
        if (first < 0) {
            // Every point is refuted: the true value is outside the lattice, at the end where the likelihood is higher.
            boolean above = logLikelihood[logLikelihood.length - 1] > logLikelihood[0];
            return above
                    ? new double[] {point(logLikelihood.length - 1), Double.POSITIVE_INFINITY}
                    : new double[] {Double.NEGATIVE_INFINITY, point(0)};
        }
        return new double[] {
            first == 0 ? Double.NEGATIVE_INFINITY : edge(first, -1, mixture - Math.log(1 / alpha)),
            last == logLikelihood.length - 1 ? Double.POSITIVE_INFINITY : edge(last, 1, mixture - Math.log(1 / alpha))
        };
    }

    /**
     * The log odds ratio at which L falls to {@code level}, between a lattice point and its outer neighbour.
     *
     * @param last the outermost point where L is above {@code level}
     * @param outwards 1 towards the upper end of the lattice, -1 towards the lower end
     */
    private double edge(int last, int outwards, double level) {
        int inner = last - outwards;
        boolean atEnd = inner < 0 || inner >= logLikelihood.length;
        double at0 = logLikelihood[last];
        double at1 = logLikelihood[last + outwards];
        double before = atEnd ? 2 * at0 - at1 : logLikelihood[inner];
        double inside = 0;
        double outside = 1;
        for (int i = 0; i < BISECTIONS; i++) {
            double x = (inside + outside) / 2;
            double value = at0 + x * (at1 - before) / 2 + x * x * (at1 - 2 * at0 + before) / 2;
            if (value > level) {
                inside = x;
            } else {
                outside = x;
            }
        }
        return origin + mde * (last + outwards * outside - REACH) / STEPS;
    }

    private double point(int index) {
        return origin + mde * (index - REACH) / STEPS;
    }

    /**
     * ln Z(psi, s): the terms are summed outwards from the largest, each computed from its neighbour, until they are
     * negligible.
     */
    private static double logNormaliser(TwoByTwoTable table, double psi, long low, long high) {
        double odds = Math.exp(psi);
        long na = table.existingUnits();
        long nb = table.candidateUnits();
        long s = table.successes();
        long mode = mode(na, nb, s, odds, low, high);
        double sum = 1;
        double term = 1;
        for (long j = mode; j < high; j++) {
            term *= odds * (nb - j) * (double) (s - j) / ((j + 1) * (double) (na - s + j + 1));
            sum += term;
            if (term < sum * NEGLIGIBLE) {
                break;
            }
        }
        term = 1;
        for (long j = mode; j > low; j--) {
            term *= j * (double) (na - s + j) / (odds * (nb - j + 1) * (double) (s - j + 1));
            sum += term;
            if (term < sum * NEGLIGIBLE) {
                break;
            }
        }
        return psi * mode + logChoose(nb, mode) + logChoose(na, s - mode) + Math.log(sum);
    }

    /**
     * The most likely count: the last j whose term is not less than the term before it. It is the root of a quadratic
     * (A. Liao, O. Rosen, "Fast and stable algorithms for computing and sampling from the noncentral hypergeometric
     * distribution", 2001).
     */
    private static long mode(long na, long nb, long s, double odds, long low, long high) {
        double a = odds - 1;
        double b = -((s + nb + 2.0) * odds + na - s);
        double c = odds * (nb + 1.0) * (s + 1.0);
        double root = 2 * c / (-b + Math.sqrt(Math.max(0, b * b - 4 * a * c)));
        return Math.max(low, Math.min(high, (long) root));
    }

    private static double logChoose(long n, long k) {
        return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    private static double logFactorial(long n) {
        return n <= Integer.MAX_VALUE ? LOG_FACTORIAL.value((int) n) : LogGamma.value(n + 1.0);
    }

    /**
     * ln of the weights of the grid points around psi0, by side; minus infinity for a point that is not on the side.
     */
    private static double[][] logWeights() {
        double[] weights = new double[2 * GRID_REACH + 1];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            double x = (double) (i - GRID_REACH) / STEPS;
            weights[i] = Math.exp(-x * x / 2);
            total += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weights[i] / total / 2;
        }
        weights[GRID_REACH - STEPS] += 0.25;
        weights[GRID_REACH + STEPS] += 0.25;
        double[][] logs = new double[Side.values().length][];
        for (Side side : Side.values()) {
            double totalOnSide = 0;
            double[] sided = new double[weights.length];
            Arrays.fill(sided, Double.NEGATIVE_INFINITY);
            for (int i = 0; i < weights.length; i++) {
                totalOnSide += isOn(side, i) ? weights[i] : 0;
            }
            for (int i = 0; i < weights.length; i++) {
                sided[i] = isOn(side, i) ? Math.log(weights[i] / totalOnSide) : sided[i];
            }
            logs[side.ordinal()] = sided;
        }
        return logs;
    }

    private static boolean isOn(Side side, int index) {
        return switch (side) {
            case BOTH -> true;
            case GREATER -> index > GRID_REACH;
            case LESS -> index < GRID_REACH;
        };
    }
}

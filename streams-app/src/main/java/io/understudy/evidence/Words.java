package io.understudy.evidence;

import io.understudy.schema.MetricRole;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers as a reader wants them. */
public final class Words {

    private static final MathContext DIGITS = new MathContext(4);
    private static final double TOO_SMALL_TO_ROUND = 1e-4;

    private Words() {}

    /** Four significant digits. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "unknown" : value > 0 ? "without limit" : "-without limit";
        }
        if (value != 0 && Math.abs(value) < TOO_SMALL_TO_ROUND) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }

    static String percent(double value) {
        return Double.isNaN(value) ? "an unknown share" : number(100 * value) + " %";
    }

    static String duration(Duration duration) {
        return duration.toMillis() < 1000
                ? duration.toMillis() + "ms"
                : duration.truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                        .toString()
                        .substring(2)
                        .toLowerCase(Locale.ROOT);
    }

    /** Both arms of a metric, the effect and its confidence sequence. */
    static String arms(MetricEvidence metric, double alpha) {
        double[] interval = metric.interval(alpha);
        String effect = Double.isNaN(metric.effect())
                ? ""
                : ", effect " + number(metric.effect())
                        + (Double.isNaN(interval[0])
                                ? ""
                                : " [" + number(interval[0]) + ", " + number(interval[1]) + "]");
        return "candidate " + number(metric.candidateEstimate())
                + (Double.isNaN(metric.existingEstimate()) ? "" : ", existing " + number(metric.existingEstimate()))
                + effect;
    }

    static String successes(StageEvidence evidence) {
        return evidence.metrics().stream()
                .filter(metric -> metric.spec().role() == MetricRole.SUCCESS)
                .map(metric -> metric.spec().name() + " "
                        + arms(metric, evidence.plan().alpha()))
                .collect(Collectors.joining("; "));
    }
}

package io.understudy.judging;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers as people read them. */
public final class Numbers {

    private static final MathContext DIGITS = new MathContext(4);
    private static final double TOO_SMALL_TO_ROUND = 1e-4;
    private static final int HUNDRED = 100;

    private Numbers() {}

    /** Four significant digits. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "unknown" : value > 0 ? "infinity" : "-infinity";
        }
        if (value != 0 && Math.abs(value) < TOO_SMALL_TO_ROUND) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }

    /** A fraction of 0 to 1 in percent. */
    static String percent(double fraction) {
        return Double.isNaN(fraction) ? "an unknown share" : number(HUNDRED * fraction) + " %";
    }

    /** A duration like {@code 1h30m}, {@code 5s} or {@code 250ms}. */
    static String duration(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(1)) < 0
                ? duration.toMillis() + "ms"
                : duration.truncatedTo(ChronoUnit.SECONDS)
                        .toString()
                        .substring("PT".length())
                        .toLowerCase(Locale.ROOT);
    }
}

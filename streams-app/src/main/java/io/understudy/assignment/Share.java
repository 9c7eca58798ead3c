package io.understudy.assignment;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A share of the units, counted in buckets and written in percent. */
public final class Share {

    private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d{1,3})?)\\s*%");
    private static final int HUNDRED = 100;
    private static final int DECIMALS = 3;

    private Share() {}

    /**
     * Reads a percentage such as {@code 5%} or {@code 0.001%}.
     *
     * @return buckets, 0 to {@link Buckets#COUNT}
     * @throws IllegalArgumentException when it is none; the message says so
     */
    public static int parse(String text) {
        Matcher matcher = PERCENT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no percentage; write it like 5% or 0.001%");
        }
        BigDecimal percent = new BigDecimal(matcher.group(1));
        if (percent.compareTo(BigDecimal.valueOf(HUNDRED)) > 0) {
            throw new IllegalArgumentException(text + " is over 100%");
        }
        return percent.movePointRight(DECIMALS).intValueExact();
    }

    /** The percentage that {@code share} buckets are, without zeros that say nothing: {@code 5%}. */
    public static String text(int share) {
        return BigDecimal.valueOf(share, DECIMALS).stripTrailingZeros().toPlainString() + "%";
    }
}

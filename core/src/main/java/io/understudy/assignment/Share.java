package io.understudy.assignment;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A share of the units, in steps of 0.001 %. The only place that knows how shares are counted and which ones are
 * allowed.
 *
 * @param buckets hash buckets in the share, 0 to {@link HashBuckets#COUNT}; records on topics carry this number
 */
public record Share(int buckets) implements Comparable<Share> {

    /** No unit. */
    public static final Share NONE = new Share(0);

    /** The smallest share that is not empty: 0.001 %. */
    public static final Share SMALLEST = new Share(1);

    /** Every unit. */
    public static final Share ALL = new Share(HashBuckets.COUNT);

    private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d{1,3})?)\\s*%");
    private static final int HUNDRED = 100;
    private static final int DECIMALS = 3;

    public Share {
        if (buckets < 0 || buckets > HashBuckets.COUNT) {
            throw new IllegalArgumentException(
                    "a share of " + buckets + " buckets is not allowed; it must be 0 to " + HashBuckets.COUNT);
        }
    }

    /**
     * Reads a percentage such as {@code 5%} or {@code 0.001%}.
     *
     * @throws IllegalArgumentException when the text is not a percentage from 0% to 100%; the message says so
     */
    public static Share parse(String text) {
        Matcher matcher = PERCENT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a percentage; write it like 5% or 0.001%");
        }
        BigDecimal percent = new BigDecimal(matcher.group(1));
        if (percent.compareTo(BigDecimal.valueOf(HUNDRED)) > 0) {
            throw new IllegalArgumentException(text + " is over 100%");
        }
        return new Share(percent.movePointRight(DECIMALS).intValueExact());
    }

    /** Whether the share has no unit. */
    public boolean isNone() {
        return buckets == 0;
    }

    /** Whether the share has every unit. */
    public boolean isAll() {
        return buckets == HashBuckets.COUNT;
    }

    /** Whether the unit in {@code bucket} belongs to the share. A wider share keeps every unit of a narrower one. */
    public boolean includes(int bucket) {
        return bucket < buckets;
    }

    /** The share as a fraction, 0 to 1. */
    public double fraction() {
        return (double) buckets / HashBuckets.COUNT;
    }

    /** The share in percent, 0 to 100. */
    public double percent() {
        return buckets * (double) HUNDRED / HashBuckets.COUNT;
    }

    /** Whether {@code part} of {@code whole} is more than this share; exact. */
    public boolean isExceededBy(long part, long whole) {
        return part * HashBuckets.COUNT > whole * buckets;
    }

    @Override
    public int compareTo(Share other) {
        return Integer.compare(buckets, other.buckets);
    }

    /** The share in percent, without trailing zeros: {@code 5%}. */
    @Override
    public String toString() {
        return BigDecimal.valueOf(buckets, DECIMALS).stripTrailingZeros().toPlainString() + "%";
    }
}

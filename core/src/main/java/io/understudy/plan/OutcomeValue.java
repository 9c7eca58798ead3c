package io.understudy.plan;

import java.util.regex.Pattern;

/**
 * Outcomes, labels and names of classes by their value, whatever their type: {@code 1}, {@code 1.0}, {@code "1"},
 * {@code "1.0"} and {@code true} are equal. Models name their classes by numbers or by text as their libraries do, and
 * whoever sends the outcomes rarely knows which.
 */
public final class OutcomeValue {

    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d{1,300}(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?");

    private OutcomeValue() {}

    /**
     * {@code value} as a number: true is 1, false is 0, and text is what it spells; NaN if it is no finite number.
     *
     * @param value a Double, Boolean or String
     */
    public static double number(Object value) {
        if (value instanceof Double number) {
            return Double.isFinite(number) ? number : Double.NaN;
        }
        if (value instanceof Boolean happened) {
            return happened ? 1 : 0;
        }
        String text = String.valueOf(value).strip();
        if ("true".equalsIgnoreCase(text) || "false".equalsIgnoreCase(text)) {
            return "true".equalsIgnoreCase(text) ? 1 : 0;
        }
        double number = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        return Double.isFinite(number) ? number : Double.NaN;
    }

    /**
     * The text that equal values share. A whole number has no decimal point.
     *
     * @param value a Double, Boolean or String
     */
    public static String text(Object value) {
        double number = number(value);
        if (Double.isNaN(number)) {
            return String.valueOf(value).strip();
        }
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return whole ? Long.toString((long) number) : Double.toString(number);
    }
}

package io.understudy.cli.calc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.understudy.statistics.Moments;
import io.understudy.statistics.Side;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one request. When a field is missing or has the wrong type, an {@link IllegalArgumentException} names
 * the field and what is allowed.
 */
record Fields(String path, JsonNode node) {

    private static final double DEFAULT_ALPHA = 0.05;
    /** Above 2^53 a double no longer holds every whole number, and sums of counts could overflow. */
    private static final long MAX_COUNT = 1L << 53;

    boolean has(String name) {
        return node.hasNonNull(name);
    }

    Fields object(String name) {
        JsonNode child = present(name);
        if (!child.isObject()) {
            throw wrong(name, "must be an object");
        }
        return new Fields(name(name), child);
    }

    String text(String name) {
        JsonNode child = present(name);
        if (!child.isTextual()) {
            throw wrong(name, "must be a string");
        }
        return child.textValue();
    }

    double number(String name) {
        JsonNode child = present(name);
        if (!child.isNumber() || !Double.isFinite(child.doubleValue())) {
            throw wrong(name, "must be a finite number");
        }
        return child.doubleValue();
    }

    double number(String name, double defaultValue) {
        return has(name) ? number(name) : defaultValue;
    }

    double positive(String name) {
        double value = number(name);
        if (!(value > 0)) {
            throw wrong(name, "is " + value + "; it must be greater than 0");
        }
        return value;
    }

    double notNegative(String name) {
        double value = number(name);
        if (value < 0) {
            throw wrong(name, "is " + value + "; it must be at least 0");
        }
        return value;
    }

    /** A whole number, from 0 to 2^53. A value such as 100.0 is allowed. */
    long count(String name) {
        return count(name, present(name));
    }

    private long count(String name, JsonNode child) {
        double value = child.doubleValue();
        if (!child.isNumber() || value != Math.rint(value) || value < 0 || value > MAX_COUNT) {
            throw wrong(name, "must be a whole number, at least 0 and at most " + MAX_COUNT);
        }
        return child.longValue();
    }

    double alpha() {
        double alpha = number("alpha", DEFAULT_ALPHA);
        if (!(alpha > 0 && alpha < 1)) {
            throw wrong("alpha", "is " + alpha + "; it must be between 0 and 1");
        }
        return alpha;
    }

    double[] numbers(String name) {
        JsonNode child = present(name);
        if (!child.isArray()) {
            throw wrong(name, "must be an array of numbers");
        }
        double[] values = new double[child.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = child.get(i);
            if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                throw wrong(name + "[" + i + "]", "must be a finite number");
            }
            values[i] = value.doubleValue();
        }
        return values;
    }

    long[] counts(String name) {
        JsonNode child = present(name);
        if (!child.isArray()) {
            throw wrong(name, "must be an array of counts");
        }
        long[] values = new long[child.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = count(name + "[" + i + "]", child.get(i));
        }
        return values;
    }

    List<Fields> objects(String name) {
        JsonNode child = present(name);
        List<Fields> objects = new ArrayList<>();
        for (int i = 0; child.isArray() && i < child.size(); i++) {
            if (!child.get(i).isObject()) {
                throw wrong(name + "[" + i + "]", "must be an object");
            }
            objects.add(new Fields(name(name) + "[" + i + "]", child.get(i)));
        }
        if (!child.isArray()) {
            throw wrong(name, "must be an array of objects");
        }
        return objects;
    }

    List<double[]> lists(String name) {
        JsonNode child = present(name);
        if (!child.isArray()) {
            throw wrong(name, "must be an array of arrays of numbers");
        }
        List<double[]> lists = new ArrayList<>();
        for (int i = 0; i < child.size(); i++) {
            lists.add(new Fields(path, wrap(name + "[" + i + "]", child.get(i))).numbers(name + "[" + i + "]"));
        }
        return lists;
    }

    private static JsonNode wrap(String name, JsonNode value) {
        return JsonNodeFactory.instance.objectNode().set(name, value);
    }

    /** The fields n, mean and variance of a sample. */
    Moments summary() {
        long n = count("n");
        double variance = n < 2 && !has("variance") ? 0 : notNegative("variance");
        return new Moments(n, number("mean"), n < 2 ? 0 : variance * (n - 1), 0, Double.NaN);
    }

    /** The side of a test: {@code both} or {@code two-sided}, {@code greater}, {@code less}. */
    Side side(String name) {
        if (!has(name)) {
            return Side.BOTH;
        }
        String text = text(name);
        return switch (text) {
            case "both", "two-sided" -> Side.BOTH;
            case "greater" -> Side.GREATER;
            case "less" -> Side.LESS;
            default -> throw wrong(name, "is '" + text + "'; allowed: two-sided (or both), greater, less");
        };
    }

    /** The better direction: {@code higher} or {@code lower}. */
    Side better() {
        String text = text("direction");
        return switch (text) {
            case "higher" -> Side.GREATER;
            case "lower" -> Side.LESS;
            default -> throw wrong("direction", "is '" + text + "'; allowed: higher, lower");
        };
    }

    private JsonNode present(String name) {
        if (!has(name)) {
            throw wrong(name, "is missing");
        }
        return node.get(name);
    }

    private IllegalArgumentException wrong(String name, String what) {
        return new IllegalArgumentException(name(name) + " " + what);
    }

    private String name(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}

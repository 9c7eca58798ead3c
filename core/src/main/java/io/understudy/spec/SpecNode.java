package io.understudy.spec;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.assignment.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One place in a specification. Reading never throws: a fault is noted with the place's path, a harmless value is returned, and
 * reading goes on, so that one pass names them all.
 */
public final class SpecNode {

    private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h)");

    private final String path;
    private final JsonNode node;
    private final Faults faults;

    SpecNode(String path, JsonNode node, Faults faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
    }

    /** Notes a fault of this place. */
    public void fault(String message) {
        faults.add(path, message);
    }

    /** Notes a fault when this is no mapping, and one for every field that is not among {@code allowed}. */
    public SpecNode mapping(String... allowed) {
        if (!node.isObject()) {
            fault("must be a mapping with the fields " + String.join(", ", allowed));
            return this;
        }
        Set<String> known = Set.of(allowed);
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                child(name).fault("unknown field; allowed: " + String.join(", ", new TreeSet<>(known)));
            }
        }
        return this;
    }

    /** The field of a mapping, whether or not it is there. */
    public SpecNode child(String name) {
        return new SpecNode(path.isEmpty() ? name : path + "." + name, node.path(name), faults);
    }

    /** The element of a sequence, whether or not it is there. */
    public SpecNode element(int index) {
        return new SpecNode(path + "[" + index + "]", node.path(index), faults);
    }

    /** Whether anything is written here. */
    public boolean isPresent() {
        return !node.isMissingNode() && !node.isNull();
    }

    /** This place, if anything is written here. */
    public Optional<SpecNode> ifPresent() {
        return isPresent() ? Optional.of(this) : Optional.empty();
    }

    /** A text that is not blank. */
    public String text() {
        if (!isPresent()) {
            fault("is missing");
            return "";
        }
        if (!node.isTextual() && node.isValueNode()) {
            // YAML has turned it into something else by now: 1.10 is 1.1.
            fault("must be a text; write it in quotes");
            return "";
        }
        if (!node.isTextual() || node.asText().isBlank()) {
            fault("must be a text, not blank");
            return "";
        }
        return node.asText();
    }

    /** A text that matches {@code pattern}; {@code allowed} says in words what does. */
    public String text(Pattern pattern, String allowed) {
        String text = text();
        if (!text.isEmpty() && !pattern.matcher(text).matches()) {
            fault("'" + text + "' is not allowed; it must be " + allowed);
        }
        return text;
    }

    /** A document of its own: as it is written where it is a text, or a mapping put into YAML. */
    public String document() {
        return node.isObject() ? SpecText.yaml(node) : text();
    }

    /** One of an enum's values, written in lower case with hyphens. */
    public <E extends Enum<E>> E oneOf(List<E> allowed) {
        String text = text();
        for (E value : allowed) {
            if (name(value).equals(text)) {
                return value;
            }
        }
        if (!text.isEmpty()) {
            fault("'" + text + "' is unknown; allowed: "
                    + allowed.stream().map(SpecNode::name).collect(Collectors.joining(", ")));
        }
        return allowed.get(0);
    }

    /** Whether this is written as {@code value}. */
    public boolean is(Enum<?> value) {
        return node.isTextual() && node.textValue().equals(name(value));
    }

    /** Whether the text {@code value} is written here. */
    public boolean isText(String value) {
        return node.isTextual() && node.textValue().equals(value);
    }

    /** An enum's value as it is written. */
    public static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A percentage such as {@code 5%} or {@code 0.001%}; the smallest share when the text is not one. */
    public Share share() {
        String text = text();
        if (text.isEmpty()) {
            return Share.SMALLEST;
        }
        try {
            return Share.parse(text);
        } catch (IllegalArgumentException e) {
            fault(e.getMessage());
            return Share.SMALLEST;
        }
    }

    /** A duration such as {@code 250ms}, {@code 5s}, {@code 1m} or {@code 24h}, in milliseconds, over 0. */
    public long durationMillis() {
        String text = text();
        var matcher = DURATION.matcher(text);
        if (!matcher.matches() || matcher.group(1).length() > 9) {
            if (!text.isEmpty()) {
                fault("'" + text + "' is not a duration; write it like 250ms, 5s, 1m or 24h");
            }
            return 1;
        }
        long amount = Long.parseLong(matcher.group(1));
        if (amount == 0) {
            fault("must be longer than 0");
            return 1;
        }
        return switch (matcher.group(2)) {
            case "ms" -> amount;
            case "s" -> amount * 1000;
            case "m" -> amount * 60_000;
            default -> amount * 3_600_000;
        };
    }

    /** A finite number over 0; {@code allowed} says in words what is. NaN when it is none. */
    public double positive(String allowed) {
        double value = number();
        if (value <= 0) {
            fault(node.asText() + " is not over 0; " + allowed);
            return Double.NaN;
        }
        return value;
    }

    /** A finite number; NaN when it is none. */
    public double number() {
        if (!isPresent()) {
            fault("is missing");
            return Double.NaN;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            fault("'" + node.asText() + "' is not a number");
            return Double.NaN;
        }
        return node.doubleValue();
    }

    /** A number between 0 and 1, both excluded; NaN when it is none. */
    public double chance() {
        double value = number();
        if (value <= 0 || value >= 1) {
            fault(node.asText() + " is not between 0 and 1");
            return Double.NaN;
        }
        return value;
    }

    /** A whole number, at least 0. */
    public long whole() {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            fault((isPresent() ? "'" + node.asText() + "' is not a" : "is missing; it must be a")
                    + " whole number, at least 0");
            return 0;
        }
        return node.longValue();
    }

    /** Whether a number is written here. */
    public boolean isNumber() {
        return node.isNumber();
    }

    /** The elements of a sequence that is not empty, each read by {@code reader} with its index. */
    public <T> List<T> elements(BiFunction<SpecNode, Integer, T> reader) {
        if (!node.isArray() || node.isEmpty()) {
            fault("must be a list with at least one entry");
            return List.of();
        }
        List<T> elements = new ArrayList<>(node.size());
        for (int index = 0; index < node.size(); index++) {
            elements.add(reader.apply(element(index), index));
        }
        return elements;
    }

    /** The names of a mapping's fields, in order; none when this is no mapping. */
    public List<String> fieldNames() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Notes a fault for each named field that is present, because {@code why}. */
    public void without(String why, String... names) {
        Arrays.stream(names).map(this::child).filter(SpecNode::isPresent).forEach(child -> child.fault(why));
    }
}

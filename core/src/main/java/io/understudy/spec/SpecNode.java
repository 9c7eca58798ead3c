package io.understudy.spec;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.assignment.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One node of a specification, which may be missing. Reading never throws: it reports a fault with the node's path,
 * returns a harmless value and continues, so that one pass finds every fault.
 */
public final class SpecNode {

    private static final Pattern FACTOR = Pattern.compile("(\\d{1,9}(\\.\\d{1,9})?)x");
    private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h|d)");

    /** The maximum length of a text that is not a document of its own. */
    private static final int MAX_TEXT_LENGTH = 4000;

    private static final int MAX_SHOWN_LENGTH = 100;
    private static final long DAY_MILLIS = 86_400_000;
    private static final int MAX_DURATION_DAYS = 3650;

    private final String path;
    private final JsonNode node;
    private final Faults faults;

    SpecNode(String path, JsonNode node, Faults faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
    }

    /** Reports a fault at this node. */
    public void fault(String message) {
        faults.add(path, message);
    }

    /** Reports a fault when this node is not a mapping, and one for each field that is not among {@code allowed}. */
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

    /** The field {@code name} of this mapping; a missing node when there is none. */
    public SpecNode child(String name) {
        return new SpecNode(path.isEmpty() ? name : path + "." + name, node.path(name), faults);
    }

    /** The element {@code index} of this sequence, from 0; a missing node when there is none. */
    public SpecNode element(int index) {
        return new SpecNode(path + "[" + index + "]", node.path(index), faults);
    }

    /** The node at {@code pointer} below this one. */
    SpecNode at(JsonPointer pointer) {
        if (pointer.matches()) {
            return this;
        }
        SpecNode next = node.isArray() ? element(pointer.getMatchingIndex()) : child(pointer.getMatchingProperty());
        return next.at(pointer.tail());
    }

    /** Whether this node has a value; null counts as missing. */
    public boolean isPresent() {
        return !node.isMissingNode() && !node.isNull();
    }

    /** This node if it has a value, otherwise empty. */
    public Optional<SpecNode> optional() {
        return isPresent() ? Optional.of(this) : Optional.empty();
    }

    /** Text of at most {@value #MAX_TEXT_LENGTH} characters that is not blank; empty after a fault. */
    public String text() {
        String text = anyText();
        if (text.length() > MAX_TEXT_LENGTH) {
            fault("has " + text.length() + " characters; at most " + MAX_TEXT_LENGTH + " are allowed");
            return "";
        }
        return text;
    }

    private String anyText() {
        if (!isPresent()) {
            fault("is missing");
            return "";
        }
        if (!node.isTextual() && node.isValueNode()) {
            // Its spelling is lost: YAML has already read 1.10 as the number 1.1.
            fault("must be text; write it in quotes");
            return "";
        }
        if (!node.isTextual() || node.asText().isBlank()) {
            fault("must be text that is not blank");
            return "";
        }
        return node.asText();
    }

    /** Text that matches {@code pattern}; {@code allowed} describes the pattern in the fault. */
    public String text(Pattern pattern, String allowed) {
        String text = text();
        if (!text.isEmpty() && !pattern.matcher(text).matches()) {
            fault(quoted(text) + " is not allowed; it must be " + allowed);
        }
        return text;
    }

    /** Text of at most {@code maxLength} characters. */
    public String text(int maxLength) {
        String text = text();
        if (text.length() > maxLength) {
            fault("has " + text.length() + " characters; at most " + maxLength + " are allowed");
        }
        return text;
    }

    /** A value in a fault, of which a long one is shown in part. */
    private static String quoted(String value) {
        return "'" + (value.length() <= MAX_SHOWN_LENGTH ? value : value.substring(0, MAX_SHOWN_LENGTH) + "...") + "'";
    }

    /** An embedded document: the text itself, or a mapping converted to YAML. */
    public String document() {
        return node.isObject() ? Mappers.yaml(node) : anyText();
    }

    /** One of the enum values {@code allowed}, written in lower case with hyphens; the first of them after a fault. */
    public <E extends Enum<E>> E oneOf(List<E> allowed) {
        String text = text();
        for (E value : allowed) {
            if (name(value).equals(text)) {
                return value;
            }
        }
        if (!text.isEmpty()) {
            fault(quoted(text) + " is unknown; allowed: "
                    + allowed.stream().map(SpecNode::name).collect(Collectors.joining(", ")));
        }
        return allowed.get(0);
    }

    /** Whether this node is the name of {@code value}, in lower case with hyphens. */
    public boolean is(Enum<?> value) {
        return node.isTextual() && node.textValue().equals(name(value));
    }

    /** Whether this node is the text {@code value}. */
    public boolean isText(String value) {
        return node.isTextual() && node.textValue().equals(value);
    }

    /** The name of {@code value} in specifications: lower case with hyphens. */
    public static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A percentage such as {@code 5%} or {@code 0.001%}; the smallest share after a fault. */
    public Share share() {
        String text = text();
        if (text.isEmpty()) {
            return Share.SMALLEST;
        }
        if (text.length() > MAX_SHOWN_LENGTH) {
            fault(quoted(text) + " is not a percentage; write it like 5% or 0.001%");
            return Share.SMALLEST;
        }
        try {
            return Share.parse(text);
        } catch (IllegalArgumentException e) {
            fault(Objects.requireNonNull(e.getMessage()));
            return Share.SMALLEST;
        }
    }

    /**
     * A duration such as {@code 250ms}, {@code 5s}, {@code 1m}, {@code 24h} or {@code 7d}, in milliseconds, greater than
     * 0 and at most {@value #MAX_DURATION_DAYS} days; 1 after a fault.
     */
    public long durationMillis() {
        String text = text();
        var matcher = DURATION.matcher(text);
        if (!matcher.matches() || matcher.group(1).length() > 9) {
            if (!text.isEmpty()) {
                fault(quoted(text) + " is not a duration; write it like 250ms, 5s, 1m, 24h or 7d");
            }
            return 1;
        }
        long amount = Long.parseLong(matcher.group(1));
        if (amount == 0) {
            fault("must be longer than 0");
            return 1;
        }
        long millis = switch (matcher.group(2)) {
            case "ms" -> amount;
            case "s" -> amount * 1000;
            case "m" -> amount * 60_000;
            case "h" -> amount * 3_600_000;
            default -> amount * DAY_MILLIS;
        };
        if (millis > MAX_DURATION_DAYS * DAY_MILLIS) {
            fault(quoted(text) + " is too long; at most " + MAX_DURATION_DAYS + "d are allowed");
            return 1;
        }
        return millis;
    }

    /**
     * A finite number greater than 0; NaN after a fault. {@code allowed} says in the fault which numbers are allowed.
     */
    public double positiveNumber(String allowed) {
        double value = number();
        if (value <= 0) {
            fault(node.asText() + " is not greater than 0; " + allowed);
            return Double.NaN;
        }
        return value;
    }

    /** A factor such as {@code 1.1x} or {@code 1.1}; NaN after a fault. */
    public double factor() {
        if (!node.isTextual()) {
            return number();
        }
        var matcher = FACTOR.matcher(node.textValue());
        if (!matcher.matches()) {
            fault(quoted(node.textValue()) + " is not a factor; write it like 1.1x");
            return Double.NaN;
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** A finite number; NaN after a fault. */
    public double number() {
        if (!isPresent()) {
            fault("is missing");
            return Double.NaN;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            fault(quoted(node.asText()) + " is not a number");
            return Double.NaN;
        }
        return node.doubleValue();
    }

    /** A number greater than 0 and less than 1; NaN after a fault. */
    public double probability() {
        double value = number();
        if (value <= 0 || value >= 1) {
            fault(node.asText() + " is not between 0 and 1");
            return Double.NaN;
        }
        return value;
    }

    /** A whole number, at least 0; 0 after a fault. */
    public long wholeNumber() {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            fault((isPresent() ? quoted(node.asText()) + " is not a" : "is missing; it must be a")
                    + " whole number, at least 0");
            return 0;
        }
        return node.longValue();
    }

    /** Whether this node is a number. */
    public boolean isNumber() {
        return node.isNumber();
    }

    /** The elements of a sequence of 1 to {@code maximum} entries; empty or fewer after a fault. */
    public <T> List<T> elements(int maximum, BiFunction<SpecNode, Integer, T> reader) {
        if (node.isArray() && node.size() > maximum) {
            fault("has " + node.size() + " entries; at most " + maximum + " are allowed");
            return List.of();
        }
        return elements(reader);
    }

    /** The elements of a non-empty sequence, each read by {@code reader} with its index; empty after a fault. */
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

    /** The names of this mapping's fields, in order; empty when this node is not a mapping. */
    public List<String> fieldNames() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Reports the fault {@code why} at each of the named fields that is present. */
    public void forbid(String why, String... names) {
        Arrays.stream(names).map(this::child).filter(SpecNode::isPresent).forEach(child -> child.fault(why));
    }
}

package io.understudy.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The classes that a model tells apart, in the order of the numbers in its vector.
 *
 * @param names the names; empty for a metric that does not read vectors
 * @param positions the position of each class, by the text of its value
 */
public record ClassNames(List<String> names, Map<String, Integer> positions) {

    /** No classes. */
    public static final ClassNames NONE = of(List.of());

    /** The classes {@code names}, in this order. */
    public static ClassNames of(List<String> names) {
        Map<String, Integer> positions = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            positions.putIfAbsent(OutcomeValue.text(names.get(i)), i);
        }
        return new ClassNames(List.copyOf(names), Map.copyOf(positions));
    }

    /** Whether the metric does not read vectors. */
    public boolean isEmpty() {
        return names.isEmpty();
    }

    /** The number of classes. */
    public int size() {
        return names.size();
    }

    /**
     * The position of the class that {@code value} names, from 0; empty if it names none.
     *
     * @param value a Double, Boolean or String
     */
    public OptionalInt positionOf(Object value) {
        Integer position = positions.get(OutcomeValue.text(value));
        return position == null ? OptionalInt.empty() : OptionalInt.of(position);
    }
}

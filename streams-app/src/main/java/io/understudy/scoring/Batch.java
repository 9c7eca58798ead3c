package io.understudy.scoring;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rows of features in the layout of a model's input tensors. A row that does not fit the model is rejected with a
 * reason and does not affect the other rows.
 */
final class Batch {

    private final InputLayout layout;
    private final List<Column> columns;
    private int rows;

    /** Creates an empty batch for at most {@code capacity} rows. */
    Batch(InputLayout layout, int capacity) {
        this.layout = layout;
        this.columns = layout.inputs().stream()
                .map(input -> new Column(input, capacity))
                .toList();
    }

    /** The number of rows that were added. */
    int rows() {
        return rows;
    }

    /** The values of each input, in the order of the layout. */
    List<Column> columns() {
        return columns;
    }

    /** Adds a row. Returns what is wrong with the row; empty if it was added. */
    Optional<String> add(Map<String, Object> features) {
        for (Column column : columns) {
            Optional<String> fault = column.put(rows, features);
            if (fault.isPresent()) {
                return Optional.of(fault.get() + "; the model reads " + String.join(", ", layout.features()));
            }
        }
        rows++;
        return Optional.empty();
    }

    /** The values of one input. Depending on its type, they are floating-point numbers, integers or strings. */
    static final class Column {

        private final InputTensor input;
        private final double[] numbers;
        private final long[] integers;
        private final String[] strings;

        Column(InputTensor input, int capacity) {
            this.input = input;
            int size = capacity * input.width();
            boolean strings = input.type() == ElementType.STRING;
            boolean numbers = input.type().isFloating();
            this.numbers = new double[numbers ? size : 0];
            this.integers = new long[numbers || strings ? 0 : size];
            this.strings = new String[strings ? size : 0];
        }

        InputTensor input() {
            return input;
        }

        /** The values of a floating-point input, row by row. */
        double[] numbers() {
            return numbers;
        }

        /** The values of an integer input, or 0 and 1 for a boolean input, row by row. */
        long[] integers() {
            return integers;
        }

        /** The values of a string input, row by row. */
        String[] strings() {
            return strings;
        }

        private Optional<String> put(int row, Map<String, Object> features) {
            int position = row * input.width();
            boolean vector = input.features().size() == 1 && input.width() > 1;
            for (String feature : input.features()) {
                Object value = features.get(feature);
                if (value == null) {
                    return Optional.of("feature '" + feature + "' is missing");
                }
                Optional<String> fault =
                        vector ? putVector(position, feature, value) : putElement(position, feature, value);
                if (fault.isPresent()) {
                    return fault;
                }
                position++;
            }
            return Optional.empty();
        }

        private Optional<String> putVector(int position, String feature, Object value) {
            if (!(value instanceof List<?> vector)) {
                return wrongType(feature, value, "a vector of " + input.width() + " numbers");
            }
            if (vector.size() != input.width()) {
                return Optional.of(
                        "feature '" + feature + "' has " + vector.size() + " numbers; it must have " + input.width());
            }
            for (int i = 0; i < vector.size(); i++) {
                Optional<String> fault = putElement(position + i, feature, vector.get(i));
                if (fault.isPresent()) {
                    return fault;
                }
            }
            return Optional.empty();
        }

        private Optional<String> putElement(int position, String feature, Object value) {
            return switch (input.type()) {
                case FLOAT, DOUBLE -> putNumber(position, feature, value);
                case INT32, INT64 -> putInteger(position, feature, value);
                case BOOL -> putBoolean(position, feature, value);
                case STRING -> putString(position, feature, value);
            };
        }

        private Optional<String> putNumber(int position, String feature, Object value) {
            double number;
            if (value instanceof Number given) {
                number = given.doubleValue();
            } else if (value instanceof Boolean given) {
                number = given ? 1 : 0;
            } else {
                return wrongType(feature, value, input.type().description());
            }
            if (!Double.isFinite(number)) {
                return Optional.of("feature '" + feature + "' is " + number + "; it must be finite");
            }
            numbers[position] = number;
            return Optional.empty();
        }

        private Optional<String> putInteger(int position, String feature, Object value) {
            long integer;
            if (value instanceof Long given) {
                integer = given;
            } else if (value instanceof Boolean given) {
                integer = given ? 1 : 0;
            } else if (value instanceof Double given) {
                integer = given.longValue();
                if (integer != given) {
                    return Optional.of("feature '" + feature + "' is " + given + "; it must be a whole number");
                }
            } else {
                return wrongType(feature, value, input.type().description());
            }
            if (input.type() == ElementType.INT32 && integer != (int) integer) {
                return Optional.of("feature '" + feature + "' is " + integer + "; it must fit in 32 bits");
            }
            integers[position] = integer;
            return Optional.empty();
        }

        private Optional<String> putBoolean(int position, String feature, Object value) {
            if (!(value instanceof Boolean given)) {
                return wrongType(feature, value, input.type().description());
            }
            integers[position] = given ? 1 : 0;
            return Optional.empty();
        }

        private Optional<String> putString(int position, String feature, Object value) {
            if (!(value instanceof String given)) {
                return wrongType(feature, value, input.type().description());
            }
            strings[position] = given;
            return Optional.empty();
        }

        private static Optional<String> wrongType(String feature, Object value, String allowed) {
            String type;
            if (value instanceof String) {
                type = "a string";
            } else if (value instanceof Boolean) {
                type = "a boolean";
            } else if (value instanceof List<?>) {
                type = "a vector";
            } else {
                type = "a number";
            }
            return Optional.of("feature '" + feature + "' is " + type + "; it must be " + allowed);
        }
    }
}

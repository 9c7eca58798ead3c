package io.understudy.scoring;

import java.util.List;
import java.util.Map;

/**
 * Rows of features laid out as a model's input tensors. A row that does not fit the model is refused with a reason and leaves
 * no trace, so that the others go on without it.
 */
final class Batch {

    private final InputLayout layout;
    private final List<Column> columns;
    private int rows;

    /** An empty batch with room for {@code capacity} rows. */
    Batch(InputLayout layout, int capacity) {
        this.layout = layout;
        this.columns = layout.inputs().stream()
                .map(input -> new Column(input, capacity))
                .toList();
    }

    /** Rows accepted so far. */
    int rows() {
        return rows;
    }

    /** The values of each input, in the layout's order. */
    List<Column> columns() {
        return columns;
    }

    /** Adds a row; returns what is wrong with it, or null when it was added. */
    String add(Map<String, Object> features) {
        for (Column column : columns) {
            String fault = column.put(rows, features);
            if (fault != null) {
                return fault + "; the model reads " + String.join(", ", layout.features());
            }
        }
        rows++;
        return null;
    }

    /** The values of one input: numbers, whole numbers or strings, by its type. */
    static final class Column {

        private final InputTensor input;
        private final double[] numbers;
        private final long[] wholes;
        private final String[] strings;

        Column(InputTensor input, int capacity) {
            this.input = input;
            int size = capacity * input.width();
            this.numbers = input.type().isFloating() ? new double[size] : null;
            this.strings = input.type() == ElementType.STRING ? new String[size] : null;
            this.wholes = numbers == null && strings == null ? new long[size] : null;
        }

        InputTensor input() {
            return input;
        }

        /** Values of a floating input, row after row. */
        double[] numbers() {
            return numbers;
        }

        /** Values of an integer input, or 0 and 1 of a boolean one, row after row. */
        long[] wholes() {
            return wholes;
        }

        /** Values of a string input, row after row. */
        String[] strings() {
            return strings;
        }

        private String put(int row, Map<String, Object> features) {
            int position = row * input.width();
            boolean wholeRow = input.features().size() == 1 && input.width() > 1;
            for (String feature : input.features()) {
                Object value = features.get(feature);
                if (value == null) {
                    return "feature '" + feature + "' is missing";
                }
                String fault = wholeRow ? putVector(position, feature, value) : putElement(position, feature, value);
                if (fault != null) {
                    return fault;
                }
                position++;
            }
            return null;
        }

        private String putVector(int position, String feature, Object value) {
            if (!(value instanceof List<?> vector)) {
                return wrongType(feature, value, "a vector of " + input.width() + " numbers");
            }
            if (vector.size() != input.width()) {
                return "feature '" + feature + "' has " + vector.size() + " numbers; it must have " + input.width();
            }
            for (int i = 0; i < vector.size(); i++) {
                String fault = putElement(position + i, feature, vector.get(i));
                if (fault != null) {
                    return fault;
                }
            }
            return null;
        }

        private String putElement(int position, String feature, Object value) {
            return switch (input.type()) {
                case FLOAT, DOUBLE -> putNumber(position, feature, value);
                case INT32, INT64 -> putWhole(position, feature, value);
                case BOOL -> putBoolean(position, feature, value);
                case STRING -> putString(position, feature, value);
            };
        }

        private String putNumber(int position, String feature, Object value) {
            double number;
            if (value instanceof Number given) {
                number = given.doubleValue();
            } else if (value instanceof Boolean given) {
                number = given ? 1 : 0;
            } else {
                return wrongType(feature, value, input.type().inWords());
            }
            if (!Double.isFinite(number)) {
                return "feature '" + feature + "' is " + number + "; it must be finite";
            }
            numbers[position] = number;
            return null;
        }

        private String putWhole(int position, String feature, Object value) {
            long whole;
            if (value instanceof Long given) {
                whole = given;
            } else if (value instanceof Boolean given) {
                whole = given ? 1 : 0;
            } else if (value instanceof Double given) {
                whole = given.longValue();
                if (whole != given) {
                    return "feature '" + feature + "' is " + given + "; it must be a whole number";
                }
            } else {
                return wrongType(feature, value, input.type().inWords());
            }
            if (input.type() == ElementType.INT32 && whole != (int) whole) {
                return "feature '" + feature + "' is " + whole + "; it must fit 32 bits";
            }
            wholes[position] = whole;
            return null;
        }

        private String putBoolean(int position, String feature, Object value) {
            if (!(value instanceof Boolean given)) {
                return wrongType(feature, value, input.type().inWords());
            }
            wholes[position] = given ? 1 : 0;
            return null;
        }

        private String putString(int position, String feature, Object value) {
            if (!(value instanceof String given)) {
                return wrongType(feature, value, input.type().inWords());
            }
            strings[position] = given;
            return null;
        }

        private static String wrongType(String feature, Object value, String allowed) {
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
            return "feature '" + feature + "' is " + type + "; it must be " + allowed;
        }
    }
}

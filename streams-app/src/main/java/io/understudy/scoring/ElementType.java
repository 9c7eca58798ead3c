package io.understudy.scoring;

import java.util.Optional;

/** The types of a tensor's elements, with their names in the Open Inference Protocol. */
enum ElementType {
    FLOAT("FP32"),
    DOUBLE("FP64"),
    INT32("INT32"),
    INT64("INT64"),
    BOOL("BOOL"),
    STRING("BYTES");

    private final String openInferenceName;

    ElementType(String openInferenceName) {
        this.openInferenceName = openInferenceName;
    }

    String openInferenceName() {
        return openInferenceName;
    }

    static Optional<ElementType> ofOpenInference(String name) {
        for (ElementType type : values()) {
            if (type.openInferenceName.equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    boolean isFloating() {
        return this == FLOAT || this == DOUBLE;
    }

    /** What a value of this type must be, for messages. */
    String description() {
        return switch (this) {
            case FLOAT, DOUBLE -> "a number";
            case INT32, INT64 -> "a whole number";
            case BOOL -> "a boolean";
            case STRING -> "a string";
        };
    }
}

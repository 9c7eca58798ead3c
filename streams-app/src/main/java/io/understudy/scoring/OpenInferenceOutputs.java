package io.understudy.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the answer of an inference server to one row: numbers, and a label if there is one. */
final class OpenInferenceOutputs {

    private OpenInferenceOutputs() {}

    /**
     * Creates the answer from the outputs of a response.
     *
     * @param output output to read; empty means the first one with floating-point numbers
     */
    static Answer read(JsonNode outputs, Optional<String> output) {
        JsonNode numbers = null;
        JsonNode label = null;
        for (JsonNode candidate : outputs) {
            boolean matches =
                    output.map(candidate.path("name").asText()::equals).orElse(numbers == null);
            if (matches && isFloating(candidate)) {
                numbers = candidate.path("data");
            } else if (isLabel(candidate)) {
                label = candidate.path("data").get(0);
            }
        }
        List<JsonNode> elements = numbers == null ? List.of() : flatten(numbers, new ArrayList<>());
        if (elements.isEmpty()) {
            return Answer.error("the inference server's answer has no output "
                    + output.map(name -> "'" + name + "'").orElse("with floating-point numbers") + ": " + outputs);
        }
        Optional<JsonNode> notANumber =
                elements.stream().filter(element -> !element.isNumber()).findFirst();
        if (notANumber.isPresent()) {
            return Answer.error("the inference server answered " + notANumber.get() + "; it must be a number");
        }
        double[] values = elements.stream().mapToDouble(JsonNode::doubleValue).toArray();
        return Answer.of(values, 0, values.length, label == null ? null : label.asText());
    }

    private static boolean isFloating(JsonNode output) {
        return ElementType.ofOpenInference(output.path("datatype").asText())
                .filter(ElementType::isFloating)
                .isPresent();
    }

    private static boolean isLabel(JsonNode output) {
        return output.path("data").size() == 1
                && ElementType.ofOpenInference(output.path("datatype").asText())
                        .filter(type -> type == ElementType.STRING || type == ElementType.INT64)
                        .isPresent();
    }

    /** Flattens the data of a tensor: servers may nest it by its shape. */
    private static List<JsonNode> flatten(JsonNode data, List<JsonNode> into) {
        for (JsonNode element : data) {
            if (element.isArray()) {
                flatten(element, into);
            } else {
                into.add(element);
            }
        }
        return into;
    }
}

package io.understudy.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what an inference server answered to one row: numbers, and a label where there is one. */
final class OpenInferenceOutputs {

    private OpenInferenceOutputs() {}

    /**
     * The answer in a response's outputs.
     *
     * @param output the output to read; empty: the first of floating numbers
     */
    static Answer read(JsonNode outputs, Optional<String> output) {
        JsonNode numbers = null;
        JsonNode label = null;
        for (JsonNode candidate : outputs) {
            boolean wanted = output.map(candidate.path("name").asText()::equals).orElse(numbers == null);
            if (wanted && isFloating(candidate)) {
                numbers = candidate.path("data");
            } else if (isLabel(candidate)) {
                label = candidate.path("data").get(0);
            }
        }
        List<JsonNode> elements = numbers == null ? List.of() : flat(numbers, new ArrayList<>());
        if (elements.isEmpty()) {
            return Answer.error("the inference server's answer has no output "
                    + output.map(name -> "'" + name + "'").orElse("of floating numbers") + ": " + outputs);
        }
        Optional<JsonNode> noNumber =
                elements.stream().filter(element -> !element.isNumber()).findFirst();
        if (noNumber.isPresent()) {
            return Answer.error("the inference server answered " + noNumber.get() + "; it must be a number");
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

    /** Servers may nest a tensor's data by its shape, or not. */
    private static List<JsonNode> flat(JsonNode data, List<JsonNode> into) {
        for (JsonNode element : data) {
            if (element.isArray()) {
                flat(element, into);
            } else {
                into.add(element);
            }
        }
        return into;
    }
}

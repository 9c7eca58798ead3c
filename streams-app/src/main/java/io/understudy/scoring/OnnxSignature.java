package io.understudy.scoring;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.understudy.rollout.UnusableModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The inputs and outputs of an ONNX model.
 *
 * @param layout how features become its inputs
 * @param output output that is read, with floating-point numbers
 * @param labelOutput another output with strings or integers, if there is one
 */
record OnnxSignature(InputLayout layout, String output, Optional<String> labelOutput) {

    /**
     * Reads the signature of a loaded model.
     *
     * @param features features of a single vector input; empty if the inputs have the names of features
     * @param outputName output to read; empty means the first one with floating-point numbers
     * @throws UnusableModelException if its inputs or outputs cannot be used
     */
    static OnnxSignature of(OrtSession session, List<String> features, Optional<String> outputName)
            throws OrtException, UnusableModelException {
        InputLayout layout = InputLayout.of(inputs(session), features);
        String output = output(session, outputName);
        return new OnnxSignature(layout, output, labelOutput(session, output));
    }

    private static List<InputLayout.Declared> inputs(OrtSession session) throws OrtException, UnusableModelException {
        List<InputLayout.Declared> inputs = new ArrayList<>();
        for (NodeInfo input : session.getInputInfo().values()) {
            if (!(input.getInfo() instanceof TensorInfo tensor)) {
                throw new UnusableModelException("input '" + input.getName() + "' is not a tensor");
            }
            inputs.add(
                    new InputLayout.Declared(input.getName(), elementType(input.getName(), tensor), tensor.getShape()));
        }
        return inputs;
    }

    private static ElementType elementType(String name, TensorInfo tensor) throws UnusableModelException {
        return switch (tensor.type) {
            case FLOAT -> ElementType.FLOAT;
            case DOUBLE -> ElementType.DOUBLE;
            case INT32 -> ElementType.INT32;
            case INT64 -> ElementType.INT64;
            case BOOL -> ElementType.BOOL;
            case STRING -> ElementType.STRING;
            case INT8, INT16, UINT8, FLOAT16, BFLOAT16, UNKNOWN ->
                throw new UnusableModelException("input '" + name + "' has type " + tensor.type
                        + "; it must be FLOAT, DOUBLE, INT32, INT64, BOOL or STRING");
        };
    }

    private static String output(OrtSession session, Optional<String> name)
            throws OrtException, UnusableModelException {
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        if (name.isPresent() && !outputs.containsKey(name.get())) {
            throw new UnusableModelException(
                    "there is no output '" + name.get() + "'; the model has " + outputs.keySet());
        }
        return outputs.values().stream()
                .filter(output -> name.isEmpty() || output.getName().equals(name.get()))
                .filter(output -> output.getInfo() instanceof TensorInfo tensor
                        && (tensor.type == OnnxJavaType.FLOAT || tensor.type == OnnxJavaType.DOUBLE)
                        && tensor.getShape().length <= 2)
                .map(NodeInfo::getName)
                .findFirst()
                .orElseThrow(() -> new UnusableModelException(
                        "no output is a tensor of floating-point numbers with one row per request: "
                                + outputs.values()
                                + "; a classifier must be exported without maps (in skl2onnx: zipmap=False)"));
    }

    private static Optional<String> labelOutput(OrtSession session, String output) throws OrtException {
        return session.getOutputInfo().values().stream()
                .filter(info -> !info.getName().equals(output))
                .filter(info -> info.getInfo() instanceof TensorInfo tensor
                        && (tensor.type == OnnxJavaType.STRING || tensor.type == OnnxJavaType.INT64))
                .map(NodeInfo::getName)
                .findFirst();
    }
}

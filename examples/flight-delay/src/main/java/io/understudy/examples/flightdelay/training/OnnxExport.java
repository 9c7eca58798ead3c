package io.understudy.examples.flightdelay.training;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.understudy.examples.flightdelay.FlightFeatures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tribuo.util.onnx.ONNXContext;
import org.tribuo.util.onnx.ONNXNode;
import org.tribuo.util.onnx.ONNXOperators;
import org.tribuo.util.onnx.ONNXRef;

/** Writes a regression as ONNX. Its inputs are the unscaled features; its output is the probability of a delay. */
final class OnnxExport {

    private static final String OUTPUT = "probability";
    private static final int IR_VERSION = 6;

    private OnnxExport() {}

    /** Writes a model with one input per feature, with the name of the feature and the shape [batch, 1]. */
    static void withNamedInputs(Regression regression, Path file) throws IOException {
        ONNXContext context = new ONNXContext();
        List<ONNXRef<?>> raw = new ArrayList<>();
        for (Column column : regression.columns()) {
            raw.add(context.floatInput(column.name(), 1));
        }
        write(regression, context, raw, file);
    }

    /**
     * Writes a model with one input {@code features} of shape [batch, 6], in the order of {@link FlightFeatures#NAMES}.
     */
    static void withVectorInput(Regression regression, Path file) throws IOException {
        ONNXContext context = new ONNXContext();
        ONNXRef<?> vector = context.floatInput("features", FlightFeatures.NAMES.size());
        List<ONNXRef<?>> raw = new ArrayList<>();
        for (Column column : regression.columns()) {
            raw.add(vector.apply(
                    ONNXOperators.GATHER,
                    context.array(column.name() + "_index", new long[] {column.index()}),
                    Map.of("axis", 1)));
        }
        write(regression, context, raw, file);
    }

    private static void write(Regression regression, ONNXContext context, List<ONNXRef<?>> raw, Path file)
            throws IOException {
        context.setName("flight-delay");
        List<ONNXRef<?>> encoded = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            Column column = regression.columns().get(i);
            checkOrder(regression, i, column);
            encoded.add(raw.get(i)
                    .apply(ONNXOperators.SUB, context.constant(column.name() + "_shift", (float) column.shift()))
                    .apply(ONNXOperators.MUL, context.constant(column.name() + "_scale", (float) column.scale())));
        }
        ONNXNode input = context.operation(ONNXOperators.CONCAT, encoded, "encoded", Map.of("axis", 1));
        long late = regression.model().getOutputIDInfo().getID(Regression.LATE);
        regression
                .model()
                .writeONNXGraph(input)
                .apply(ONNXOperators.GATHER, context.array("late_index", new long[] {late}), Map.of("axis", 1))
                .assignTo(context.floatOutput(OUTPUT, 1));
        // Leaves out Tribuo's provenance, which contains the time of training: the same data must give the same bytes.
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .addOpsetImport(ONNXOperators.getOpsetProto())
                .setProducerName("Tribuo")
                .setGraph(context.buildGraph())
                .build();
        try (OutputStream output = Files.newOutputStream(file)) {
            model.writeTo(output);
        }
    }

    private static void checkOrder(Regression regression, int index, Column column) {
        String name = regression.model().getFeatureIDMap().get(index).getName();
        if (!name.equals(column.name())) {
            throw new IllegalStateException("feature " + index + " of the model is " + name + ", not " + column.name());
        }
    }
}

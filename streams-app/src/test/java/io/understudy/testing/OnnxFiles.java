package io.understudy.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small ONNX models for tests. */
public final class OnnxFiles {

    private static final TensorProto.DataType FLOAT = TensorProto.DataType.FLOAT;
    private static final TensorProto.DataType STRING = TensorProto.DataType.STRING;
    private static final TensorProto.DataType INT64 = TensorProto.DataType.INT64;

    private OnnxFiles() {}

    /** {@code score = x + y}, from two single-column inputs. */
    public static byte[] sum() {
        return model(graph().addInput(tensor("x", FLOAT, -1, 1))
                .addInput(tensor("y", FLOAT, -1, 1))
                .addNode(node("Add", "score", "x", "y"))
                .addOutput(tensor("score", FLOAT, -1, 1)));
    }

    /** {@code score = x - y}, from two single-column inputs. */
    public static byte[] difference() {
        return model(graph().addInput(tensor("x", FLOAT, -1, 1))
                .addInput(tensor("y", FLOAT, -1, 1))
                .addNode(node("Sub", "score", "x", "y"))
                .addOutput(tensor("score", FLOAT, -1, 1)));
    }

    /** {@code score = sum of features}, from one vector input. */
    public static byte[] vectorSum(int width) {
        return model(graph().addInput(tensor("features", FLOAT, -1, width))
                .addNode(node("ReduceSum", "score", "features").toBuilder()
                        .addAttribute(ints("axes", 1))
                        .addAttribute(integer("keepdims", 1)))
                .addOutput(tensor("score", FLOAT, -1, 1)));
    }

    /** Returns the input unchanged, so it has as many outputs as inputs. */
    public static byte[] identity(int width) {
        return model(graph().addInput(tensor("features", FLOAT, -1, width))
                .addNode(node("Identity", "out", "features"))
                .addOutput(tensor("out", FLOAT, -1, width)));
    }

    /** {@code score = 1 for "AA", 2 for "UA", 0 otherwise}, from a string input. */
    public static byte[] carrier() {
        return model(graph().addInput(tensor("carrier", STRING, -1, 1))
                .addNode(NodeProto.newBuilder()
                        .setOpType("LabelEncoder")
                        .setDomain("ai.onnx.ml")
                        .addInput("carrier")
                        .addOutput("score")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("keys_strings")
                                .setType(AttributeProto.AttributeType.STRINGS)
                                .addStrings(ByteString.copyFromUtf8("AA"))
                                .addStrings(ByteString.copyFromUtf8("UA")))
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("values_floats")
                                .setType(AttributeProto.AttributeType.FLOATS)
                                .addFloats(1)
                                .addFloats(2))
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("default_float")
                                .setType(AttributeProto.AttributeType.FLOAT)
                                .setF(0)))
                .addOutput(tensor("score", FLOAT, -1, 1)));
    }

    /** {@code score = n as a float} and a label {@code n}, from a one-dimensional integer input. */
    public static byte[] wholeNumberWithLabel() {
        return model(graph().addInput(tensor("n", INT64, -1))
                .addNode(node("Cast", "score", "n").toBuilder().addAttribute(integer("to", FLOAT.getNumber())))
                .addNode(node("Identity", "label", "n"))
                .addOutput(tensor("score", FLOAT, -1))
                .addOutput(tensor("label", INT64, -1)));
    }

    /** {@code score = 1 / x}, from a model that takes one row at a time. */
    public static byte[] reciprocalOneAtATime() {
        return model(graph().addInput(tensor("x", FLOAT, 1, 1))
                .addNode(node("Reciprocal", "score", "x"))
                .addOutput(tensor("score", FLOAT, 1, 1)));
    }

    /** {@code score = [10, 20][index]}. Fails if the index of a row is out of range. */
    public static byte[] pick() {
        return model(graph().addInitializer(TensorProto.newBuilder()
                        .setName("table")
                        .setDataType(FLOAT.getNumber())
                        .addDims(2)
                        .addFloatData(10)
                        .addFloatData(20))
                .addInput(tensor("index", INT64, -1))
                .addNode(node("Gather", "score", "table", "index"))
                .addOutput(tensor("score", FLOAT, -1)));
    }

    /**
     * {@code score = x + table}, where the data of the table is in the file {@code weights.bin}.
     *
     * @param hidden whether the table is an attribute of a node and not one of the graph's tensors
     */
    public static byte[] withExternalData(boolean hidden) {
        TensorProto table = TensorProto.newBuilder()
                .setName("table")
                .setDataType(FLOAT.getNumber())
                .addDims(1)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue("weights.bin"))
                .build();
        GraphProto.Builder graph = graph().addInput(tensor("x", FLOAT, -1, 1));
        if (hidden) {
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Constant")
                    .addOutput("table")
                    .addAttribute(AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeProto.AttributeType.TENSOR)
                            .setT(table)));
        } else {
            graph.addInitializer(table);
        }
        return model(graph.addNode(node("Add", "score", "x", "table")).addOutput(tensor("score", FLOAT, -1, 1)));
    }

    /**
     * {@code score = x}, by functions each of which calls the one before twice. The runtime puts the functions into each
     * other when it loads the model: two to the power of {@code depth} nodes.
     */
    public static byte[] functionBomb(int depth) {
        // These generated classes are older than functions, so their fields are written by number.
        UnknownFieldSet.Field.Builder functions = UnknownFieldSet.Field.newBuilder();
        for (int i = 0; i < depth; i++) {
            String domain = i == 0 ? "" : "bomb";
            String called = i == 0 ? "Neg" : "f" + (i - 1);
            functions.addLengthDelimited(UnknownFieldSet.newBuilder()
                    .addField(1, field(ByteString.copyFromUtf8("f" + i)))
                    .addField(4, field(ByteString.copyFromUtf8("x")))
                    .addField(5, field(ByteString.copyFromUtf8("z")))
                    .addField(
                            7,
                            field(
                                    call(domain, called, "x", "y").toByteString(),
                                    call(domain, called, "y", "z").toByteString()))
                    .addField(
                            9,
                            field(
                                    operators("", 15).toByteString(),
                                    operators("bomb", 1).toByteString()))
                    .addField(10, field(ByteString.copyFromUtf8("bomb")))
                    .build()
                    .toByteString());
        }
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(operators("", 15))
                .addOpsetImport(operators("bomb", 1))
                .setGraph(graph().addInput(tensor("x", FLOAT, -1))
                        .addNode(call("bomb", "f" + (depth - 1), "x", "score"))
                        .addOutput(tensor("score", FLOAT, -1)))
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(25, functions.build())
                        .build())
                .build()
                .toByteArray();
    }

    private static UnknownFieldSet.Field field(ByteString... values) {
        UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
        for (ByteString value : values) {
            field.addLengthDelimited(value);
        }
        return field.build();
    }

    private static OperatorSetIdProto operators(String domain, long version) {
        return OperatorSetIdProto.newBuilder()
                .setDomain(domain)
                .setVersion(version)
                .build();
    }

    private static NodeProto call(String domain, String operator, String input, String output) {
        return node(operator, output, input).toBuilder().setDomain(domain).build();
    }

    /** Writes a model and returns its file. */
    public static Path write(Path directory, String name, byte[] model) {
        try {
            return Files.write(Files.createDirectories(directory).resolve(name), model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder().setName("test");
    }

    private static byte[] model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(6)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(12))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(2))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static NodeProto node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(output)
                .build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto ints(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addInts(value)
                .build();
    }

    private static ValueInfoProto tensor(String name, TensorProto.DataType type, long... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (long size : shape) {
            TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
            dimensions.addDim(size < 0 ? dimension.setDimParam("batch") : dimension.setDimValue(size));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(dimensions)))
                .build();
    }
}

package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How named features become the inputs of a model. Either each input has the name of its feature, or the model has a
 * single vector input and the specification lists the features that fill it.
 *
 * @param inputs inputs of the model
 * @param fixedBatch whether the model takes exactly one row at a time
 */
record InputLayout(List<InputTensor> inputs, boolean fixedBatch) {

    private static final long ANY_SIZE = -1;
    private static final int MAX_WIDTH = 100_000;

    /**
     * An input as the model declares it.
     *
     * @param name name of the input
     * @param type type of its elements
     * @param shape its dimensions, starting with the batch; -1 means any size
     */
    record Declared(String name, ElementType type, long[] shape) {}

    /**
     * Creates the layout of a model's inputs.
     *
     * @param features features of a single vector input; empty if the inputs have the names of features
     * @throws UnusableModelException if the inputs cannot be filled
     */
    static InputLayout of(List<Declared> declared, List<String> features) throws UnusableModelException {
        if (declared.isEmpty()) {
            throw new UnusableModelException("the model has no input");
        }
        checkFeatures(declared, features);
        List<InputTensor> inputs = new ArrayList<>();
        for (Declared input : declared) {
            inputs.add(input(input, features));
        }
        boolean fixedBatch = declared.stream().anyMatch(input -> input.shape()[0] == 1);
        return new InputLayout(List.copyOf(inputs), fixedBatch);
    }

    private static void checkFeatures(List<Declared> declared, List<String> features) throws UnusableModelException {
        if (features.isEmpty()) {
            return;
        }
        if (declared.size() > 1) {
            throw new UnusableModelException(
                    "features are listed for a single vector input, but the model has the inputs "
                            + declared.stream().map(Declared::name).collect(Collectors.joining(", "))
                            + "; remove the list, and each input is filled with the feature of the same name");
        }
        if (new HashSet<>(features).size() < features.size()) {
            throw new UnusableModelException("a feature is listed twice in " + features);
        }
    }

    private static InputTensor input(Declared input, List<String> features) throws UnusableModelException {
        long[] shape = input.shape();
        if (shape.length < 1 || shape.length > 2 || (shape[0] != ANY_SIZE && shape[0] != 1)) {
            throw new UnusableModelException("input '" + input.name() + "' has shape " + Arrays.toString(shape)
                    + "; it must be [batch] or [batch, width], where batch is 1 or any size");
        }
        long width = shape.length == 1 ? 1 : shape[1];
        if (width == ANY_SIZE) {
            if (features.isEmpty()) {
                throw new UnusableModelException(
                        "input '" + input.name() + "' does not declare its width; list the features that fill it");
            }
            width = features.size();
        }
        if (width < 1 || width > MAX_WIDTH) {
            throw new UnusableModelException(
                    "input '" + input.name() + "' has width " + width + "; it must be 1 to " + MAX_WIDTH);
        }
        if (!features.isEmpty() && features.size() != width) {
            throw new UnusableModelException("input '" + input.name() + "' takes " + width + " features, but "
                    + features.size() + " are listed: " + String.join(", ", features));
        }
        if (width > 1 && input.type() == ElementType.STRING) {
            throw new UnusableModelException(
                    "input '" + input.name() + "' takes strings, but a vector input must take numbers");
        }
        return new InputTensor(
                input.name(),
                input.type(),
                shape.length,
                (int) width,
                features.isEmpty() ? List.of(input.name()) : List.copyOf(features));
    }

    /** All features that the model reads, in order. */
    List<String> features() {
        return inputs.stream().flatMap(input -> input.features().stream()).toList();
    }
}

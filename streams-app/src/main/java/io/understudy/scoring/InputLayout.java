package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How named features become a model's inputs: each input bears the name of its feature, or the model has a single vector input
 * and the rollout lists the features that fill it.
 *
 * @param inputs the model's inputs
 * @param fixedBatch whether the model takes exactly one row at a time
 */
record InputLayout(List<InputTensor> inputs, boolean fixedBatch) {

    private static final long ANY = -1;
    private static final int WIDEST = 100_000;

    /**
     * An input as a model declares it.
     *
     * @param name its name
     * @param type its elements' type
     * @param shape its dimensions, batch first, -1 where any size will do
     */
    record Declared(String name, ElementType type, long[] shape) {}

    /**
     * The layout of a model's inputs.
     *
     * @param features the features of a single vector input; empty when inputs are named like features
     * @throws UnusableModelException when the inputs cannot be filled
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
                            + "; leave the list out and each input is filled by the feature of its name");
        }
        if (new HashSet<>(features).size() < features.size()) {
            throw new UnusableModelException("a feature is listed twice in " + features);
        }
    }

    private static InputTensor input(Declared input, List<String> features) throws UnusableModelException {
        long[] shape = input.shape();
        if (shape.length < 1 || shape.length > 2 || (shape[0] != ANY && shape[0] != 1)) {
            throw new UnusableModelException("input '" + input.name() + "' has shape " + Arrays.toString(shape)
                    + "; allowed are [batch] and [batch, width] with a batch of any size or of 1");
        }
        long width = shape.length == 1 ? 1 : shape[1];
        if (width == ANY) {
            if (features.isEmpty()) {
                throw new UnusableModelException(
                        "input '" + input.name() + "' does not say how wide it is; list the features that fill it");
            }
            width = features.size();
        }
        if (width < 1 || width > WIDEST) {
            throw new UnusableModelException(
                    "input '" + input.name() + "' is " + width + " wide; allowed are 1 to " + WIDEST);
        }
        if (!features.isEmpty() && features.size() != width) {
            throw new UnusableModelException("input '" + input.name() + "' takes " + width + " features, but "
                    + features.size() + " are listed: " + String.join(", ", features));
        }
        if (width > 1 && input.type() == ElementType.STRING) {
            throw new UnusableModelException("input '" + input.name() + "' takes strings; a vector is made of numbers");
        }
        return new InputTensor(
                input.name(),
                input.type(),
                shape.length,
                (int) width,
                features.isEmpty() ? List.of(input.name()) : List.copyOf(features));
    }

    /** Every feature the model reads, in order. */
    List<String> features() {
        return inputs.stream().flatMap(input -> input.features().stream()).toList();
    }
}

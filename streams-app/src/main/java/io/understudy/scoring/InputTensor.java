package io.understudy.scoring;

import java.util.List;

/**
 * One of a model's inputs.
 *
 * @param name the input's name in the model
 * @param type its elements' type
 * @param rank how many dimensions it has, the batch included: 1 or 2
 * @param width elements a row
 * @param features the features a row is made of, in order: one, of {@code width} elements, or {@code width} of one element each
 */
record InputTensor(String name, ElementType type, int rank, int width, List<String> features) {

    /** The shape of a batch of {@code rows}. */
    long[] shape(int rows) {
        return rank == 1 ? new long[] {rows} : new long[] {rows, width};
    }
}

package io.understudy.scoring;

import java.util.List;

/**
 * One input of a model.
 *
 * @param name name of the input in the model
 * @param type type of its elements
 * @param rank number of dimensions including the batch, 1 or 2
 * @param width number of elements per row
 * @param features features that fill a row, in order: either one feature with {@code width} elements, or {@code width}
 *     features with one element each
 */
record InputTensor(String name, ElementType type, int rank, int width, List<String> features) {

    /** The shape of a batch with {@code rows} rows. */
    long[] shape(int rows) {
        return rank == 1 ? new long[] {rows} : new long[] {rows, width};
    }
}

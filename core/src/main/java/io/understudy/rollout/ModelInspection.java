package io.understudy.rollout;

import io.understudy.schema.Model;

/** Checks a model before it becomes part of a deployment. */
@FunctionalInterface
public interface ModelInspection {

    /**
     * Checks that the model can be scored.
     *
     * @return the model to keep in the state. A model with a file has the file's SHA-256, so that no scorer runs
     *     another file
     * @throws UnusableModelException when the model cannot be scored
     */
    Model inspect(Model model) throws UnusableModelException;
}

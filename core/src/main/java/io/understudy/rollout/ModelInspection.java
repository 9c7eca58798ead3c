package io.understudy.rollout;

import io.understudy.schema.Model;

/** Looks at a model before it is let into a deployment. */
@FunctionalInterface
public interface ModelInspection {

    /**
     * Tries the model.
     *
     * @return the model as it is to be remembered: with its file's SHA-256 where it has a file, so that no scorer runs another
     * @throws UnusableModelException when it cannot be scored
     */
    Model inspect(Model model) throws UnusableModelException;
}

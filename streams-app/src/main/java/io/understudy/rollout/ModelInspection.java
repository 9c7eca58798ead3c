package io.understudy.rollout;

import io.understudy.schema.Model;
import java.util.Optional;

/** Looks at a model before it is let into a deployment. */
@FunctionalInterface
public interface ModelInspection {

    /** What is wrong with the model, in words; empty when it can be scored. */
    Optional<String> fault(Model model);
}

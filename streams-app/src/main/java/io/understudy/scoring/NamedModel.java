package io.understudy.scoring;

import io.understudy.schema.ReadinessStatus;
import org.jspecify.annotations.Nullable;

/**
 * A model that this process scores and that a deployment's current state names for a lane.
 *
 * @param deployment the deployment
 * @param version version of the model
 * @param awaited whether a step of the rollout waits for it, so that it has no requests in this lane yet
 * @param status READY, LOADING or FAILED
 * @param cause why it is not READY; null if it is
 */
record NamedModel(
        String deployment,
        String version,
        boolean awaited,
        ReadinessStatus status,
        @Nullable String cause) {

    private static final String IS_LOADING = "the model is still loading";

    static NamedModel of(String deployment, String version, boolean awaited, @Nullable Availability now) {
        if (now == null) {
            return new NamedModel(deployment, version, awaited, ReadinessStatus.LOADING, IS_LOADING);
        }
        return now instanceof Availability.Unavailable unavailable
                ? new NamedModel(deployment, version, awaited, ReadinessStatus.FAILED, unavailable.why())
                : new NamedModel(deployment, version, awaited, ReadinessStatus.READY, null);
    }

    /** The model and why it is not ready, for people. */
    String text() {
        return deployment + " " + version + ": " + cause;
    }
}

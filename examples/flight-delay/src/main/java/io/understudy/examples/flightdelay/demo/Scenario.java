package io.understudy.examples.flightdelay.demo;

import io.understudy.schema.RolloutStatus;

/** The scenarios of the demo. */
enum Scenario {
    /** A better candidate passes all stages and is promoted. */
    good("rollout.yaml", RolloutStatus.PROMOTED),
    /** A broken candidate is aborted before it serves any request. */
    bad("rollout-inverted.yaml", RolloutStatus.ABORTED);

    private final String file;
    private final RolloutStatus end;

    Scenario(String file, RolloutStatus end) {
        this.file = file;
        this.end = end;
    }

    /** The rollout file in the directory of the example. */
    String file() {
        return file;
    }

    /** The expected final status of the rollout. */
    RolloutStatus end() {
        return end;
    }
}

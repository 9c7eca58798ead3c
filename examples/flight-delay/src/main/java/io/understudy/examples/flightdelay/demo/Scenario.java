package io.understudy.examples.flightdelay.demo;

import io.understudy.schema.RolloutStatus;

/** The stories that the demo plays. */
enum Scenario {
    /** A better candidate goes all the way. */
    good("rollout.yaml", RolloutStatus.PROMOTED),
    /** A broken candidate is found out before it serves anybody. */
    bad("rollout-broken.yaml", RolloutStatus.ABORTED);

    private final String file;
    private final RolloutStatus end;

    Scenario(String file, RolloutStatus end) {
        this.file = file;
        this.end = end;
    }

    /** The rollout's file in the example's folder. */
    String file() {
        return file;
    }

    /** How the story is to end. */
    RolloutStatus end() {
        return end;
    }
}

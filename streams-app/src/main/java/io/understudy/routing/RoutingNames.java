package io.understudy.routing;

import io.understudy.schema.Model;
import java.util.Set;

/**
 * The names of the nodes and stores in the router's topology. The names of state directories and internal topics derive
 * from them, so they must never change.
 */
public final class RoutingNames {

    /** The global table from deployment name to the bytes of its state. */
    public static final String STATE_STORE = "routing-rollout-state";

    static final String WAITING_STORE = "router-waiting-requests";
    static final String WAITING_HOOK = "router-waiting-requests-commit";
    static final String REQUESTS = "requests";
    static final String ROUTER = "router";
    static final String EXISTING_LANE = "existing-lane";
    static final String CANDIDATE_LANE = "candidate-lane";
    static final String CANDIDATE_ANSWERS = "candidate-answers";
    static final String PREDICTIONS = "predictions";
    static final String COMMANDS = "commands";
    static final String DEAD_LETTERS = "dead-letters";

    /** The sink of the lane that {@code model} names; the default one if this router does not know the lane. */
    static String existingLane(Model model, Set<String> lanes) {
        return lane(EXISTING_LANE, model, lanes);
    }

    /** The sink of the lane that {@code model} names; the default one if this router does not know the lane. */
    static String candidateLane(Model model, Set<String> lanes) {
        return lane(CANDIDATE_LANE, model, lanes);
    }

    /** The sink of the lane {@code name}, where {@code sink} is that of the default lane. */
    static String lane(String sink, String name) {
        return sink + "-" + name;
    }

    private static String lane(String sink, Model model, Set<String> lanes) {
        String name = model.getLane();
        return name == null || !lanes.contains(name) ? sink : lane(sink, name);
    }

    private RoutingNames() {}
}

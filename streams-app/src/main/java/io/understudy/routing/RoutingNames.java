package io.understudy.routing;

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

    private RoutingNames() {}
}

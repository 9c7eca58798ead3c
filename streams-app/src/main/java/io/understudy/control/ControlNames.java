package io.understudy.control;

/**
 * The names of the nodes and stores in the controller's topology. State and internal topics are found by them, so they
 * never change.
 */
final class ControlNames {

    static final String COMMANDS = "commands";
    static final String EVALUATIONS = "evaluations";
    static final String CONTROLLER = "controller";
    static final String STATES = "states";
    static final String EVENTS = "events";
    static final String DEAD_LETTERS = "dead-letters";
    static final String STATE_STORE = "controller-rollout-state";
    static final String WAITING_STORE = "controller-waiting-commands";

    private ControlNames() {}
}

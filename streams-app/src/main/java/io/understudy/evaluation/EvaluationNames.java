package io.understudy.evaluation;

/**
 * The names of the nodes and stores in the evaluator's topology. The names of state directories and internal topics
 * derive from them, so they must never change.
 */
final class EvaluationNames {

    static final String STATE_STORE = "evaluator-rollout-state";
    static final String PENDING_STORE = "evaluator-pending-requests";
    static final String WINDOW_STORE = "evaluator-open-windows";
    static final String WINDOW_HOOK = "evaluator-open-windows-commit";
    static final String EVIDENCE_STORE = "evaluator-evidence";
    static final String EVIDENCE_HOOK = "evaluator-evidence-commit";
    static final String COLLECTOR = "collector";
    static final String PARTIALS = "evaluator-partials";
    static final String JUDGE = "judge";

    private EvaluationNames() {}
}

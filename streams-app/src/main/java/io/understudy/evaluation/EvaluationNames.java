package io.understudy.evaluation;

/** The names of the nodes and stores in the evaluator's topology. State and internal topics are found by them, so they never change. */
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

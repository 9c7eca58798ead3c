package io.understudy.access;

/** Who uses the topics: the roles, and the programs and people around them. Each can have a principal of its own. */
public enum Party {
    ROUTER("router"),
    SCORER("scorer"),
    CONTROLLER("controller"),
    EVALUATOR("evaluator"),
    CONSOLE("console"),
    NOTIFIER("notifier"),
    /** Programs that send requests. */
    UPSTREAM("upstream"),
    /** Programs that send outcomes. */
    OUTCOME_SOURCES("outcome sources"),
    /** Programs that read answers. */
    DOWNSTREAM("downstream"),
    /** Programs that answer a lane in place of the scorer. */
    EXTERNAL_SCORERS("external scorers"),
    /** People who use the command line. */
    OPERATORS("operators"),
    /** Whoever runs {@code understudy topics --create}. */
    ADMINISTRATORS("administrators");

    private final String code;

    Party(String code) {
        this.code = code;
    }

    /** The name of the role, or of the kind of programs or people. */
    public String code() {
        return code;
    }
}

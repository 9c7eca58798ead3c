package io.understudy.reason;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Why something was decided, as a stable code: on topics, in metrics and in webhooks it stands beside the words. The
 * runbook has one entry for each code. A code is never renamed and never given another meaning.
 */
public enum ReasonCode {
    /** Units do not arrive as the shares say. */
    SAMPLE_RATIO_MISMATCH(Group.VERDICT),
    /**
     * Requests with an outcome do not arrive as the shares say, although all requests do. Only in records of earlier
     * versions.
     */
    LABELLED_RATIO_MISMATCH(Group.VERDICT),
    /** Outcomes arrive for another part of the requests in one arm than in the other. */
    UNEVEN_OUTCOMES(Group.VERDICT),
    /** Outcomes have arrived unevenly so far; those of younger requests may still come. */
    OUTCOMES_UNEVEN_SO_FAR(Group.VERDICT),
    /** The same keys are in both arms. */
    KEYS_IN_BOTH_ARMS(Group.VERDICT),
    /** The candidate's rate is over a metric's absolute limit. */
    LIMIT_EXCEEDED(Group.VERDICT),
    /** A success metric is worse. */
    SUCCESS_METRIC_WORSE(Group.VERDICT),
    /** A guardrail is worse by more than its margin. */
    GUARDRAIL_WORSE(Group.VERDICT),
    /** Neither model has answered a request. */
    NO_ANSWERS(Group.VERDICT),
    /** The candidate has answered no request. */
    NO_CANDIDATE_ANSWERS(Group.VERDICT),
    /** The existing model has answered no request. */
    NO_EXISTING_ANSWERS(Group.VERDICT),
    /** The stage's minimum has not come in yet. */
    BELOW_MINIMUM(Group.VERDICT),
    /** The stage is over, and its minimum has not come in. */
    ENDED_BELOW_MINIMUM(Group.VERDICT),
    /** A metric that is to decide has no observation of an arm. */
    METRIC_UNOBSERVED(Group.VERDICT),
    /** The stage has not shown what it asks for yet. */
    NOT_SHOWN_YET(Group.VERDICT),
    /** The stage has shown everything it asks for, but the recent past speaks against it. */
    RECENTLY_WORSE(Group.VERDICT),
    /** The stage has shown everything it asks for, and passes at the end of the open cycle. */
    CYCLE_UNFINISHED(Group.VERDICT),
    /** A fixed test waits for the stage's end. */
    FIXED_TEST_WAITS(Group.VERDICT),
    /** The stage has shown everything it asks for. */
    STAGE_PASSED(Group.VERDICT),
    /** The candidate serves everybody and has reached the stage's minimum. */
    FULL_SHARE_SERVED(Group.VERDICT),
    /** The stage is over and has shown neither harm nor what it asks for. */
    STAGE_ENDED(Group.VERDICT),
    /** Any improvement is smaller than the effect worth detecting. */
    NOT_WORTH_DETECTING(Group.VERDICT),
    /** The judge failed; neither model is to blame. */
    JUDGE_FAILED(Group.VERDICT),

    /** An operator's command was followed. */
    OPERATOR_COMMAND(Group.COMMAND),
    /** The candidate failed too often, and the router's circuit breaker opened. */
    BREAKER_OPEN(Group.COMMAND),

    /** The command cannot be read. */
    COMMAND_UNREADABLE(Group.REJECTION),
    /** A field of the command is missing, blank or too long. */
    COMMAND_MALFORMED(Group.REJECTION),
    /** The command's verb is not known. */
    VERB_UNKNOWN(Group.REJECTION),
    /** The state has another version than the command expects. */
    VERSION_CONFLICT(Group.REJECTION),
    /** The deployment does not exist. */
    DEPLOYMENT_UNKNOWN(Group.REJECTION),
    /** The deployment has no rollout. */
    NO_ROLLOUT(Group.REJECTION),
    /** The command names a rollout that is not the deployment's current one. */
    ROLLOUT_MISMATCH(Group.REJECTION),
    /** Another rollout is under way. */
    ROLLOUT_ACTIVE(Group.REJECTION),
    /** The rollout is over. */
    ROLLOUT_ENDED(Group.REJECTION),
    /** The verb does not apply to the rollout's status. */
    STATUS_MISMATCH(Group.REJECTION),
    /** The rollout has no such stage. */
    STAGE_UNKNOWN(Group.REJECTION),
    /** The specification is missing or invalid. */
    SPEC_INVALID(Group.REJECTION),
    /** The candidate has the existing model's version. */
    VERSION_IN_USE(Group.REJECTION),
    /** The model names a lane that the installation does not have. */
    LANE_UNKNOWN(Group.REJECTION),
    /** The model cannot be scored. */
    MODEL_UNUSABLE(Group.REJECTION),
    /** The model was not inspected in time. */
    INSPECTION_TIMEOUT(Group.REJECTION),
    /** An abort came while the model of a start was inspected, so the start was not followed. */
    START_CANCELLED(Group.REJECTION),
    /** Too many commands of the deployment wait for the inspection of a model. */
    TOO_MANY_WAITING(Group.REJECTION),

    /**
     * The reason was recorded by another version of Understudy: before codes existed, or with a code that this version
     * does not know.
     */
    UNKNOWN(Group.OTHER);

    /** What a code gives the reason for. */
    public enum Group {
        /** A verdict on a stage, and whatever step of the rollout it causes. */
        VERDICT,
        /** A command that was followed. */
        COMMAND,
        /** A command that was rejected. */
        REJECTION,
        /** Nothing in particular. */
        OTHER
    }

    private final Group group;

    ReasonCode(Group group) {
        this.group = group;
    }

    /** What this code gives the reason for. */
    public Group group() {
        return group;
    }

    /** The code that a record carries; {@link #UNKNOWN} for none, or for one of a later version. */
    public static ReasonCode read(@Nullable String name) {
        return Arrays.stream(values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** The name of the code that a record carries, also of one of a later version; that of {@link #UNKNOWN} for none. */
    public static String nameOf(@Nullable String name) {
        return name == null ? UNKNOWN.name() : name;
    }
}

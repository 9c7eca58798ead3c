package io.understudy.cli;

import io.understudy.assignment.Share;
import io.understudy.judging.Numbers;
import io.understudy.schema.AwaitingStep;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.schema.Stage;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Formats states, events and evaluations as text for people. */
final class Sentences {

    private Sentences() {}

    /** One event, as one line. */
    static String of(RolloutEvent event) {
        return event.getAt().truncatedTo(ChronoUnit.MILLIS) + " " + event.getType() + " " + event.getDeployment()
                + " state version " + event.getStateVersion()
                + (event.getRollout() == null ? "" : " rollout " + event.getRollout())
                + (event.getStage() == null ? "" : " stage " + event.getStage())
                + " by " + event.getActor()
                + code(event.getCode())
                + (event.getReason() == null ? "" : ": " + event.getReason());
    }

    /** One deployment, as one line. */
    static String of(RolloutState state) {
        Rollout rollout = state.getRollout();
        String deployment = state.getDeployment() + " serves "
                + state.getExisting().getVersion() + ", state version " + state.getVersion();
        return rollout == null
                ? deployment + "; no rollout yet"
                : deployment + "; rollout " + rollout.getId() + " " + rollout.getStatus() + " in "
                        + stage(rollout) + ", serves " + new Share(rollout.getShare()) + ", mirrors "
                        + new Share(rollout.getMirror())
                        + (rollout.getReason() == null ? "" : ": " + rollout.getReason());
    }

    private static String stage(Rollout rollout) {
        Stage stage = rollout.getStages().get(rollout.getStage());
        int share = Math.max(stage.getShare(), stage.getMirror());
        return "stage " + rollout.getStage() + " of 0-" + (rollout.getStages().size() - 1) + " ("
                + stage.getKind().name().toLowerCase(Locale.ROOT) + " " + new Share(share) + ")";
    }

    /** One evaluation, as one line. */
    static String of(RolloutEvaluation evaluation) {
        return evaluation.getWindowEnd() + " " + evaluation.getVerdict() + " " + evaluation.getDeployment() + " stage "
                + evaluation.getStage() + code(evaluation.getCode()) + ": " + evaluation.getReason();
    }

    /**
     * The reason's code in brackets, for the runbook has an entry for each; nothing for records of earlier versions.
     */
    private static String code(@Nullable String code) {
        return code == null ? "" : " (" + code + ")";
    }

    /** The state of a rollout, the reason for it, and the commands that apply, as lines. */
    static List<String> explanation(RolloutState state, Optional<RolloutEvaluation> evaluation) {
        List<String> lines = new ArrayList<>();
        lines.add(of(state));
        Rollout rollout = state.getRollout();
        if (rollout == null) {
            lines.add("Start one: understudy rollout start -f FILE");
            return lines;
        }
        lines.add(nextStep(state, rollout));
        if (evaluation.isEmpty()) {
            lines.add("No window of this stage has been evaluated yet.");
        }
        evaluation.ifPresent(last -> {
            lines.add("Verdict " + last.getVerdict() + " for the window that ended at " + last.getWindowEnd()
                    + code(last.getCode()) + ": " + last.getReason());
            last.getMetrics().forEach(metric -> lines.add("  " + of(metric)));
            last.getWarnings().forEach(warning -> lines.add("  warning: " + warning));
            if (last.getRemainingUnits() != null) {
                lines.add("  a decision needs about " + last.getRemainingUnits() + " more units in the smaller arm");
            }
        });
        return lines;
    }

    private static String nextStep(RolloutState state, Rollout rollout) {
        return switch (rollout.getStatus()) {
            case RUNNING -> "The evidence decides the next step; no command is needed.";
            case PAUSED -> "It waits for a command: resume, advance, back, promote or abort.";
            case HELD -> "It waits for a command: resume, retry, advance, back, promote or abort.";
            case AWAITING_APPROVAL ->
                "Its evidence is sufficient. It waits for a command: approve, advance, back, promote or abort.";
            case AWAITING_READINESS ->
                "It goes on as soon as a program serves its candidate, and is held after "
                        + Duration.ofMillis(rollout.getReadinessTimeoutMs()).toSeconds()
                        + " s. To go on without one: "
                        + (rollout.getAwaiting() != null
                                        && rollout.getAwaiting().getStep() == AwaitingStep.PROMOTION
                                ? "promote --force"
                                : "resume --force")
                        + ". To end it: abort.";
            case PROMOTED ->
                !state.getExisting().getVersion().equals(rollout.getCandidate().getVersion())
                        ? "It has ended: its candidate was promoted, and "
                                + state.getExisting().getVersion() + " has been deployed since."
                        : "It has ended: its candidate is the existing model. To go back, deploy the previous version: "
                                + (rollout.getReplaces() == null
                                        ? "unknown"
                                        : rollout.getReplaces().getVersion()) + ".";
            case ABORTED -> "It has ended. The command retry starts it again as a new rollout.";
            case UNKNOWN -> "This version of Understudy does not know its status.";
        };
    }

    private static String of(MetricEvaluation metric) {
        return metric.getName() + " (" + metric.getRole().name().toLowerCase(Locale.ROOT) + "): existing "
                + number(metric.getExisting().getEstimate()) + " of "
                + metric.getExisting().getUnits()
                + ", candidate " + number(metric.getCandidate().getEstimate()) + " of "
                + metric.getCandidate().getUnits()
                + (metric.getEffect() == null
                        ? ""
                        : ", effect " + number(metric.getEffect())
                                + (metric.getLow() == null && metric.getHigh() == null
                                        ? ""
                                        : " [" + number(metric.getLow()) + ", " + number(metric.getHigh()) + "]"))
                + (metric.getThreshold() == null
                        ? ""
                        : ", evidence " + number(metric.getLogEvidence()) + " of " + number(metric.getThreshold())
                                + ", evidence of harm " + number(metric.getLogEvidenceOfHarm()) + " of "
                                + number(metric.getThresholdOfHarm()))
                + (metric.getMissing() == null ? "" : "; " + metric.getMissing());
    }

    private static String number(@Nullable Double value) {
        return value == null ? "unknown" : Numbers.number(value);
    }
}

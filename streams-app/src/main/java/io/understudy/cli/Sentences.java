package io.understudy.cli;

import io.understudy.assignment.Share;
import io.understudy.judging.Numbers;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.schema.Stage;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** States, events and evaluations in words and numbers. */
final class Sentences {

    private Sentences() {}

    /** One event, in one line. */
    static String of(RolloutEvent event) {
        return event.getAt().truncatedTo(ChronoUnit.MILLIS) + " " + event.getType() + " " + event.getDeployment()
                + " state version " + event.getStateVersion()
                + (event.getRollout() == null ? "" : " rollout " + event.getRollout())
                + (event.getStage() == null ? "" : " stage " + event.getStage())
                + " by " + event.getActor()
                + (event.getReason() == null ? "" : ": " + event.getReason());
    }

    /** One deployment, in one line. */
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

    /** An evaluation, in one line. */
    static String of(RolloutEvaluation evaluation) {
        return evaluation.getWindowEnd() + " " + evaluation.getVerdict() + " " + evaluation.getDeployment() + " stage "
                + evaluation.getStage() + ": " + evaluation.getReason();
    }

    /** Where a rollout stands, why, and what can be done. */
    static List<String> explanation(RolloutState state, Optional<RolloutEvaluation> evaluation) {
        List<String> lines = new ArrayList<>();
        lines.add(of(state));
        Rollout rollout = state.getRollout();
        if (rollout == null) {
            lines.add("Start one: understudy rollout start -f FILE");
            return lines;
        }
        lines.add(waitsFor(state, rollout));
        if (evaluation.isEmpty()) {
            lines.add("No window of this stage has been judged yet.");
        }
        evaluation.ifPresent(last -> {
            lines.add("The window to " + last.getWindowEnd() + " said " + last.getVerdict() + ": " + last.getReason());
            last.getMetrics().forEach(metric -> lines.add("  " + of(metric)));
            last.getWarnings().forEach(warning -> lines.add("  warning: " + warning));
            if (last.getRemainingUnits() != null) {
                lines.add("  about " + last.getRemainingUnits() + " more units of the smaller arm to a decision");
            }
        });
        return lines;
    }

    private static String waitsFor(RolloutState state, Rollout rollout) {
        return switch (rollout.getStatus()) {
            case RUNNING -> "It goes on by itself as its evidence says.";
            case PAUSED -> "It waits for: resume, advance, back, promote or abort.";
            case HELD -> "It waits for an operator: resume, retry, advance, back, promote or abort.";
            case AWAITING_APPROVAL -> "Its evidence suffices; it waits for: approve, advance, back, promote or abort.";
            case PROMOTED ->
                !state.getExisting().getVersion().equals(rollout.getCandidate().getVersion())
                        ? "It is over: its candidate was promoted, and "
                                + state.getExisting().getVersion() + " has been deployed since."
                        : "It is over: its candidate is the existing model. To go back, deploy the version before: "
                                + (rollout.getReplaces() == null
                                        ? "unknown"
                                        : rollout.getReplaces().getVersion()) + ".";
            case ABORTED -> "It is over; retry begins it anew.";
            case UNKNOWN -> "Its status is not known to this version.";
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
                                + ", of harm " + number(metric.getLogEvidenceOfHarm()) + " of "
                                + number(metric.getThresholdOfHarm()))
                + (metric.getMissing() == null ? "" : "; " + metric.getMissing());
    }

    private static String number(Double value) {
        return value == null ? "unknown" : Numbers.number(value);
    }
}

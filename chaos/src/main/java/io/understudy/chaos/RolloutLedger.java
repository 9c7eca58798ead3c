package io.understudy.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Prediction;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.StageKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Follows the rollouts by their events: versions in order, no move after the end, each command answered once, arms as
 * the assignment says, evidence that counts each answer once, and the ends of the rollouts. Not safe for several
 * threads.
 */
final class RolloutLedger {

    private static final int BUCKETS = 100_000;
    private static final Set<RolloutStatus> ENDED = Set.of(RolloutStatus.PROMOTED, RolloutStatus.ABORTED);

    private final Violations violations;
    private final Map<String, Long> versions = new HashMap<>();
    private final Map<String, RolloutStatus> ended = new HashMap<>();
    private final Map<String, Rollout> current = new HashMap<>();
    private final Set<String> answeredCommands = new HashSet<>();
    private final Map<Part, Split> splits = new HashMap<>();
    private final Map<Part, List<Assigned>> unchecked = new HashMap<>();
    private final Map<Part, Totals> totals = new HashMap<>();
    private final Map<Part, RolloutEvaluation> evaluations = new HashMap<>();
    private long evaluationsRead;
    private long checkedArms;

    RolloutLedger(Violations violations) {
        this.violations = violations;
    }

    /** The evidence that belongs together. */
    record Part(String rollout, int epoch) {
        static Part of(Prediction answer) {
            return new Part(answer.getRollout(), answer.getEpoch());
        }
    }

    private record Split(String salt, int share, boolean shadow) {}

    private record Assigned(String key, boolean candidate, String id) {}

    /** What the answers of one epoch add up to, as the topics say. */
    private static final class Totals {
        private long existing;
        private long candidate;
        private long mirrored;
    }

    /** An event was read. */
    void event(RolloutEvent event) {
        if (event.getCommandId() != null && !answeredCommands.add(event.getCommandId())) {
            violations.add("command " + event.getCommandId() + " is answered twice: " + event.getType());
        }
        if (event.getState() == null) {
            return;
        }
        long version = event.getState().getVersion();
        Long before = versions.put(event.getDeployment(), version);
        if (before != null && version <= before) {
            violations.add(
                    "events of " + event.getDeployment() + " out of order: version " + version + " after " + before);
        }
        Rollout rollout = event.getState().getRollout();
        if (rollout == null) {
            return;
        }
        current.put(event.getDeployment(), rollout);
        RolloutStatus status = ended.get(rollout.getId());
        if (status != null && status != rollout.getStatus()) {
            violations.add("rollout " + rollout.getId() + " was " + status + " and is " + rollout.getStatus());
        }
        if (ENDED.contains(rollout.getStatus())) {
            ended.put(rollout.getId(), rollout.getStatus());
        } else {
            Part part = new Part(rollout.getId(), rollout.getEpoch());
            boolean shadow = rollout.getStages().get(rollout.getStage()).getKind() == StageKind.SHADOW;
            Split split = new Split(rollout.getSalt(), rollout.getShare(), shadow);
            splits.putIfAbsent(part, split);
            List<Assigned> waiting = unchecked.remove(part);
            if (waiting != null) {
                waiting.forEach(assigned -> check(split, assigned));
            }
        }
    }

    /** A request of the rollout was answered by the arm of the candidate, or by that of the existing model. */
    void arm(Part part, String key, boolean candidate, String id) {
        Assigned assigned = new Assigned(key, candidate, id);
        Split split = splits.get(part);
        if (split == null) {
            // The event may be read after the answers that follow from it.
            unchecked.computeIfAbsent(part, absent -> new ArrayList<>()).add(assigned);
        } else {
            check(split, assigned);
        }
    }

    private void check(Split split, Assigned assigned) {
        checkedArms++;
        boolean expected = bucket(split.salt + assigned.key) < split.share;
        if (expected != assigned.candidate) {
            violations.add("request " + assigned.id + " with key " + assigned.key + " was answered in the arm of the "
                    + (assigned.candidate ? "candidate" : "existing model") + ", and belongs to the other");
        }
    }

    /** The documented formula, computed here without the code that it checks. */
    static int bucket(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        long hash = Integer.toUnsignedLong(MurmurHash3.hash32x86(bytes, 0, bytes.length, 0));
        return (int) ((hash * BUCKETS) >>> 32);
    }

    void answer(Part part, boolean candidate) {
        Totals one = totals.computeIfAbsent(part, absent -> new Totals());
        one.existing += candidate ? 0 : 1;
        one.candidate += candidate ? 1 : 0;
    }

    void mirrored(Part part) {
        totals.computeIfAbsent(part, absent -> new Totals()).mirrored++;
    }

    /** An evaluation was read. */
    void evaluation(RolloutEvaluation evaluation) {
        Part part = new Part(evaluation.getRollout(), evaluation.getEpoch());
        RolloutEvaluation before = evaluations.put(part, evaluation);
        evaluationsRead++;
        if (before == null) {
            return;
        }
        if (evaluation.getWindowEnd().compareTo(before.getWindowEnd()) <= 0) {
            violations.add("evaluations of " + part + " out of order: window to " + evaluation.getWindowEnd()
                    + " after " + before.getWindowEnd());
        }
        if (existing(evaluation) < existing(before) || candidate(evaluation) < candidate(before)) {
            violations.add("evidence of " + part + " has shrunk: " + existing(evaluation) + " and "
                    + candidate(evaluation) + " requests after " + existing(before) + " and " + candidate(before));
        }
    }

    private static long existing(RolloutEvaluation evaluation) {
        return evaluation.getExisting() == null ? 0 : evaluation.getExisting().getRequests();
    }

    private static long candidate(RolloutEvaluation evaluation) {
        return evaluation.getCandidate() == null ? 0 : evaluation.getCandidate().getRequests();
    }

    /** The end of the last window of a rollout that was judged, milliseconds since 1970; 0 before the first. */
    long judgedTo(Rollout rollout) {
        RolloutEvaluation evaluation = evaluations.get(new Part(rollout.getId(), rollout.getEpoch()));
        return evaluation == null ? 0 : evaluation.getWindowEnd().toEpochMilli();
    }

    /** The rollout of a deployment after its last event; null before the first. */
    Rollout current(String deployment) {
        return current.get(deployment);
    }

    /** How the rollout ended; null when it has not. */
    RolloutStatus ended(String rollout) {
        return ended.get(rollout);
    }

    long evaluationsRead() {
        return evaluationsRead;
    }

    long checkedArms() {
        return checkedArms;
    }

    /**
     * How the evidence of the current epoch of a rollout differs from the answers on the topics; empty when it does
     * not.
     */
    String difference(Rollout rollout) {
        Part part = new Part(rollout.getId(), rollout.getEpoch());
        Totals counted = totals.getOrDefault(part, new Totals());
        RolloutEvaluation evaluation = evaluations.get(part);
        if (evaluation == null) {
            return counted.existing + counted.candidate + counted.mirrored == 0 ? "" : "no evaluation of " + part;
        }
        Split split = splits.get(part);
        long candidate = split != null && split.shadow ? counted.mirrored : counted.candidate;
        if (existing(evaluation) == counted.existing && candidate(evaluation) == candidate) {
            return "";
        }
        return "the evidence of " + part + " has " + existing(evaluation) + " and " + candidate(evaluation)
                + " requests, and the topics have " + counted.existing + " and " + candidate;
    }

    /** To be called when nothing more can come: no evidence may have more than the topics. */
    void close() {
        evaluations.forEach((part, evaluation) -> {
            Totals counted = totals.getOrDefault(part, new Totals());
            long candidate = Math.max(counted.mirrored, counted.candidate);
            if (existing(evaluation) > counted.existing || candidate(evaluation) > candidate) {
                violations.add("the evidence of " + part + " has " + existing(evaluation) + " and "
                        + candidate(evaluation) + " requests, and the topics only " + counted.existing + " and "
                        + candidate);
            }
        });
        unchecked.forEach(
                (part, answers) -> violations.add(answers.size() + " answers name " + part + ", which no event has"));
    }
}

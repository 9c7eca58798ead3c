package io.understudy.metrics;

import java.util.List;

/**
 * Everything that is measured. Each meter has the tag {@code role} besides its own; a tag has few values, and none comes from a request.
 */
public enum Metric {
    ROUTED("understudy.requests.routed", Kind.COUNTER, "Requests forwarded to a lane.", "lane", "deployment"),
    REJECTED(
            "understudy.requests.rejected",
            Kind.COUNTER,
            "Requests that the router answered itself, because no deployment could."),
    KEYLESS(
            "understudy.requests.keyless",
            Kind.COUNTER,
            "Requests without a record key: served, and left out of every rollout."),
    DEAD_LETTERS("understudy.dead.letters", Kind.COUNTER, "Records given up on.", "reason"),
    PREDICTIONS("understudy.predictions", Kind.COUNTER, "Answers written.", "lane", "deployment", "status"),
    BATCH_SIZE("understudy.scorer.batch.size", Kind.SUMMARY, "Requests that one model scored together.", "lane"),
    BATCH_DURATION("understudy.scorer.batch.duration", Kind.TIMER, "Time from a poll to its last answer.", "lane"),
    LEFT_TO_EXTERNAL("understudy.scorer.external", Kind.COUNTER, "Requests left to an external program.", "deployment"),
    INFERENCE_RETRIES(
            "understudy.scorer.inference.retries", Kind.COUNTER, "Calls to an inference server that were made again."),
    ABORTED_BATCHES(
            "understudy.scorer.batches.aborted",
            Kind.COUNTER,
            "Transactions of a scorer that were given up and done again."),
    COMMANDS_ACCEPTED("understudy.commands.accepted", Kind.COUNTER, "Commands accepted.", "verb"),
    COMMANDS_REJECTED("understudy.commands.rejected", Kind.COUNTER, "Commands rejected.", "verb"),
    COMMANDS_REPEATED(
            "understudy.commands.repeated",
            Kind.COUNTER,
            "Commands passed over because they were answered before.",
            "verb"),
    UNREADABLE_STATES(
            "understudy.states.unreadable",
            Kind.COUNTER,
            "States on the compacted topic that could not be read; the one before stays in force."),
    JOINS_MATCHED(
            "understudy.evaluator.joins.matched",
            Kind.COUNTER,
            "Requests whose answer and outcome, or both answers, came together.",
            "deployment"),
    JOINS_DUPLICATED(
            "understudy.evaluator.joins.duplicated",
            Kind.COUNTER,
            "Answers and outcomes that came again and were passed over.",
            "deployment"),
    JOINS_UNMATCHED(
            "understudy.evaluator.joins.unmatched",
            Kind.COUNTER,
            "Requests given up after the outcome window without all that a metric needs."),
    OUTCOMES_LATE(
            "understudy.evaluator.outcomes.late",
            Kind.COUNTER,
            "Outcomes that came after the outcome window.",
            "deployment"),
    ANSWERS_STALE(
            "understudy.evaluator.answers.stale",
            Kind.COUNTER,
            "Answers of a rollout or epoch that is over or was never heard of.",
            "deployment"),
    WINDOWS_CLOSED(
            "understudy.evaluator.windows.closed",
            Kind.COUNTER,
            "Windows closed that had something in them.",
            "deployment",
            "wall_clock"),
    EVALUATIONS(
            "understudy.evaluator.evaluations", Kind.COUNTER, "Evaluations written.", "deployment", "verdict", "code"),
    EVIDENCE_UNREADABLE(
            "understudy.evaluator.evidence.unreadable",
            Kind.COUNTER,
            "Evidence that the evaluator had kept or sent to itself and could not read; it begins anew, or is passed over."),
    FALLBACKS(
            "understudy.guard.fallbacks",
            Kind.COUNTER,
            "Requests that the existing model answered in the candidate's place.",
            "deployment",
            "candidate"),
    LATE_ANSWERS(
            "understudy.guard.late",
            Kind.COUNTER,
            "The candidate's answers that nobody waited for any more: late, or a second one.",
            "deployment"),
    REPEATED_REQUESTS(
            "understudy.guard.repeated",
            Kind.COUNTER,
            "Requests whose identifier was under way already, and which the existing model answered outside the rollout.",
            "deployment"),
    UNREADABLE_ANSWERS(
            "understudy.guard.unreadable",
            Kind.COUNTER,
            "Answers on the candidate's topic that cannot be read; the evaluator puts them aside."),
    BREAKERS_OPENED("understudy.guard.breakers.opened", Kind.COUNTER, "Circuit breakers opened.", "deployment"),
    MIRRORS_SKIPPED(
            "understudy.scorer.mirrors.skipped",
            Kind.COUNTER,
            "Mirrored requests that were too old to be scored, or of a rollout that another has followed.",
            "deployment"),
    WINDOW_DELAY(
            "understudy.evaluator.window.delay",
            Kind.TIMER,
            "Time from the end of a window to its evaluation.",
            "deployment"),
    JOINS_PENDING(
            "understudy.evaluator.joins.pending",
            Kind.GAUGE,
            "Requests that are remembered: those that wait for an answer or an outcome, and those counted whose outcome window is not over; an estimate."),
    ROLE_RUNNING("understudy.role.running", Kind.GAUGE, "1 while a role is at work, 0 while it is not."),
    SHARE("understudy.rollout.share", Kind.GAUGE, "Part of the units that the candidate serves, 0 to 1.", "deployment"),
    MIRROR(
            "understudy.rollout.mirror",
            Kind.GAUGE,
            "Part of the units whose requests are mirrored, 0 to 1.",
            "deployment"),
    STAGE("understudy.rollout.stage", Kind.GAUGE, "The stage, from 0.", "deployment"),
    STATUS(
            "understudy.rollout.status",
            Kind.GAUGE,
            "1 for the status that a rollout is in, 0 for the others.",
            "deployment",
            "status"),
    REASON(
            "understudy.rollout.reason",
            Kind.GAUGE,
            "1 for the code of the reason for the rollout's last step.",
            "deployment",
            "code"),
    EVALUATED(
            "understudy.rollout.evaluated.timestamp",
            Kind.TIME,
            "End of the last window of the stage that was judged, or the stage's beginning while none has been; seconds since 1970.",
            "deployment"),
    WINDOW("understudy.rollout.window", Kind.TIME, "How often the evidence is looked at.", "deployment"),
    EVIDENCE(
            "understudy.evidence",
            Kind.GAUGE,
            "Natural logarithm of the evidence for a metric's claim, or for harm; 0 is none.",
            "deployment",
            "metric",
            "claim"),
    EVIDENCE_THRESHOLD(
            "understudy.evidence.threshold",
            Kind.GAUGE,
            "What the evidence must reach for its claim to hold.",
            "deployment",
            "metric",
            "claim"),
    LAG(
            "understudy.lag",
            Kind.GAUGE,
            "Records that a reader has still to read, in all partitions; up to one a partition is a transaction's marker.",
            "reader"),
    STREAM_CLIENTS("understudy.console.stream.clients", Kind.GAUGE, "Clients that follow events."),
    HTTP_REFUSED("understudy.console.refused", Kind.COUNTER, "Requests to the console that were refused.", "status"),
    NOTIFICATIONS_DELIVERED(
            "understudy.notifications.delivered", Kind.COUNTER, "Events that a webhook has taken.", "format"),
    NOTIFICATIONS_RETRIED(
            "understudy.notifications.retried",
            Kind.COUNTER,
            "Offers of an event that a webhook did not take.",
            "format"),
    NOTIFICATIONS_GIVEN_UP(
            "understudy.notifications.given.up",
            Kind.COUNTER,
            "Events that a webhook did not take in time, or refused for good.",
            "format");

    /** What a meter measures. */
    public enum Kind {
        /** Only grows. */
        COUNTER,
        /** Goes up and down. */
        GAUGE,
        /** A point in time, in seconds. */
        TIME,
        /** Sizes: how many, their sum and buckets. */
        SUMMARY,
        /** Durations, in seconds: how many, their sum and buckets. */
        TIMER
    }

    private final String id;
    private final Kind kind;
    private final String description;
    private final List<String> tags;

    Metric(String id, Kind kind, String description, String... tags) {
        this.id = id;
        this.kind = kind;
        this.description = description;
        this.tags = List.of(tags);
    }

    /** The name in Micrometer. */
    public String id() {
        return id;
    }

    /** What it measures. */
    public Kind kind() {
        return kind;
    }

    /** What it means, for people. */
    public String description() {
        return description;
    }

    /** The tags besides {@code role}. */
    public List<String> tags() {
        return tags;
    }

    /** The name in Prometheus; that of a timer or summary without the suffixes of its series. */
    public String prometheusName() {
        String name = id.replace('.', '_');
        return switch (kind) {
            case COUNTER -> name + "_total";
            case TIME, TIMER -> name + "_seconds";
            case GAUGE, SUMMARY -> name;
        };
    }
}

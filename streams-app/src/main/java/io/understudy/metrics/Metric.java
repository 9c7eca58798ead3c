package io.understudy.metrics;

import java.util.List;

/**
 * Everything that is measured. Each meter has the tag {@code role} and its own tags. A tag has few values, and none of
 * them comes from a request.
 */
public enum Metric {
    ROUTED("understudy.requests.routed", Kind.COUNTER, "Requests forwarded to a lane.", "lane", "deployment"),
    UNKNOWN_LANES(
            "understudy.router.unknown.lanes",
            Kind.COUNTER,
            "States with a model whose lane this router does not have in its setting lanes. Its requests take the default"
                    + " lane.",
            "deployment"),
    REJECTED(
            "understudy.requests.rejected",
            Kind.COUNTER,
            "Requests that the router answered itself because no deployment could."),
    KEYLESS(
            "understudy.requests.keyless",
            Kind.COUNTER,
            "Requests without a record key. They are served but do not take part in a rollout."),
    REQUESTS_AHEAD(
            "understudy.requests.ahead",
            Kind.COUNTER,
            "Requests whose time was further ahead of the router's clock than requests.max-ahead-ms. They count for the"
                    + " time at which they were routed."),
    DEAD_LETTERS(
            "understudy.dead.letters",
            Kind.COUNTER,
            "Records that could not be used and were written to the dead letters.",
            "reason"),
    SET_ASIDE(
            "understudy.records.set.aside",
            Kind.COUNTER,
            "Records at which threads failed again and again, and which were therefore not processed."),
    THREAD_FAILURES(
            "understudy.threads.failed",
            Kind.COUNTER,
            "Threads that failed and were replaced, or batches of a scorer that failed, by the kind of failure: outage,"
                    + " record or other.",
            "kind"),
    STORES_UNREADABLE(
            "understudy.stores.unreadable",
            Kind.COUNTER,
            "Entries of a role's own stores that could not be read and were dropped.",
            "store"),
    PREDICTIONS("understudy.predictions", Kind.COUNTER, "Answers written.", "lane", "deployment", "status"),
    BATCH_SIZE("understudy.scorer.batch.size", Kind.SUMMARY, "Requests in a batch that one model scored.", "lane"),
    BATCH_DURATION("understudy.scorer.batch.duration", Kind.TIMER, "Time that one model took for a batch.", "lane"),
    EXTERNAL_REQUESTS(
            "understudy.scorer.external",
            Kind.COUNTER,
            "Requests that the scorer skipped because an external program answers them.",
            "deployment"),
    INFERENCE_RETRIES("understudy.scorer.inference.retries", Kind.COUNTER, "Retried calls to an inference server."),
    INFERENCE_REFUSED(
            "understudy.scorer.inference.refused",
            Kind.COUNTER,
            "Requests that were answered TIMEOUT without a call, because their inference server had stopped answering."),
    REQUESTS_GIVEN_UP(
            "understudy.scorer.given.up",
            Kind.COUNTER,
            "Requests that were answered TIMEOUT without a call, because their model had too many and held up the other"
                    + " models of its lane.",
            "deployment"),
    REQUESTS_WAITING(
            "understudy.scorer.waiting", Kind.GAUGE, "Requests that the scorer has read and not answered yet."),
    INFERENCE_FAILURES(
            "understudy.scorer.inference.failures",
            Kind.COUNTER,
            "Calls to an inference server without an answer that could be read.",
            "cause"),
    ABORTED_BATCHES(
            "understudy.scorer.batches.aborted",
            Kind.COUNTER,
            "Transactions of a scorer that were aborted and repeated."),
    COMMANDS_ACCEPTED("understudy.commands.accepted", Kind.COUNTER, "Commands accepted.", "verb"),
    COMMANDS_REJECTED("understudy.commands.rejected", Kind.COUNTER, "Commands rejected.", "verb"),
    COMMANDS_REPEATED(
            "understudy.commands.repeated",
            Kind.COUNTER,
            "Commands that were ignored because they had already been answered.",
            "verb"),
    COMMANDS_WAITING(
            "understudy.commands.waiting",
            Kind.GAUGE,
            "Commands that wait for the inspection of a model, or behind one that does."),
    COMMANDS_UNREADABLE(
            "understudy.commands.unreadable",
            Kind.COUNTER,
            "Commands that the controller had stored while a model was inspected, and could not read. They are lost."),
    INSPECTIONS_RUNNING("understudy.inspections.running", Kind.GAUGE, "Models that are being inspected."),
    INSPECTIONS_FAILED(
            "understudy.inspections.failed",
            Kind.COUNTER,
            "Models that the controller could not use, or could not inspect in time.",
            "code"),
    UNREADABLE_STATES(
            "understudy.states.unreadable",
            Kind.COUNTER,
            "States on the compacted topic that could not be read. The previous state stays in force."),
    UNREADABLE_READINESS(
            "understudy.readiness.unreadable",
            Kind.COUNTER,
            "Records of readiness that could not be read, or whose key was not theirs. They count as not said."),
    LANE_LEFT(
            "understudy.scorer.lane.left",
            Kind.COUNTER,
            "Times that a worker left its lane to others, because it could not load a model that they serve.",
            "lane"),
    JOINS_MATCHED(
            "understudy.evaluator.joins.matched",
            Kind.COUNTER,
            "Requests whose answer and outcome, or both answers, were joined.",
            "deployment"),
    JOINS_DUPLICATED(
            "understudy.evaluator.joins.duplicated",
            Kind.COUNTER,
            "Repeated answers and outcomes that were ignored.",
            "deployment"),
    JOINS_UNMATCHED(
            "understudy.evaluator.joins.unmatched",
            Kind.COUNTER,
            "Requests for which a metric still lacked an answer or outcome at the end of the outcome window."),
    OUTCOMES_LATE(
            "understudy.evaluator.outcomes.late",
            Kind.COUNTER,
            "Outcomes that arrived after the outcome window.",
            "deployment"),
    ANSWERS_STALE(
            "understudy.evaluator.answers.stale",
            Kind.COUNTER,
            "Answers of a rollout or epoch that is over or unknown.",
            "deployment"),
    WINDOWS_CLOSED(
            "understudy.evaluator.windows.closed",
            Kind.COUNTER,
            "Closed windows that were not empty.",
            "deployment",
            "wall_clock"),
    EVALUATIONS(
            "understudy.evaluator.evaluations", Kind.COUNTER, "Evaluations written.", "deployment", "verdict", "code"),
    EVIDENCE_UNREADABLE(
            "understudy.evaluator.evidence.unreadable",
            Kind.COUNTER,
            "Evidence that the evaluator had stored or sent to itself and could not read. Stored evidence starts again"
                    + " from zero; sent evidence is ignored."),
    FALLBACKS(
            "understudy.guard.fallbacks",
            Kind.COUNTER,
            "Requests that the existing model answered in place of the candidate.",
            "deployment",
            "candidate"),
    LATE_ANSWERS(
            "understudy.guard.late",
            Kind.COUNTER,
            "Answers of the candidate that arrived too late, or a second time.",
            "deployment"),
    REPEATED_REQUESTS(
            "understudy.guard.repeated",
            Kind.COUNTER,
            "Requests whose identifier was already in use. The existing model answered them outside the rollout.",
            "deployment"),
    UNREADABLE_ANSWERS(
            "understudy.guard.unreadable",
            Kind.COUNTER,
            "Unreadable answers on the candidate's topic. The evaluator writes them to the dead letters."),
    WAITING_BYTES(
            "understudy.guard.waiting.bytes",
            Kind.GAUGE,
            "Memory of the requests that wait for a candidate, estimated. router.max-waiting-bytes is its limit."),
    GUARD_REFUSALS(
            "understudy.guard.refused",
            Kind.COUNTER,
            "Requests in the candidate's share that the existing model answered outside the rollout, because"
                    + " router.max-waiting-bytes was reached.",
            "deployment"),
    STALLED_SECONDS(
            "understudy.guard.stalled.seconds",
            Kind.COUNTER,
            "Seconds for which a partition's router stood still, so that no deadline passed: pauses of the process, waits"
                    + " for commits, jumps of the wall clock."),
    BREAKERS_OPENED("understudy.guard.breakers.opened", Kind.COUNTER, "Circuit breakers opened.", "deployment"),
    MIRRORS_SKIPPED(
            "understudy.scorer.mirrors.skipped",
            Kind.COUNTER,
            "Mirrored requests that were not scored because they were too old, or because another rollout had started.",
            "deployment"),
    WINDOW_DELAY(
            "understudy.evaluator.window.delay",
            Kind.TIMER,
            "Time from the end of a window to its evaluation.",
            "deployment"),
    JOINS_PENDING(
            "understudy.evaluator.joins.pending",
            Kind.GAUGE,
            "Requests that are stored because they wait for an answer or an outcome, or because they were counted and"
                    + " their outcome window is not over. An estimate."),
    ROLE_RUNNING("understudy.role.running", Kind.GAUGE, "1 while a role is running, otherwise 0."),
    SHARE(
            "understudy.rollout.share",
            Kind.GAUGE,
            "Share of the units that the candidate serves, 0 to 1.",
            "deployment"),
    MIRROR(
            "understudy.rollout.mirror",
            Kind.GAUGE,
            "Share of the units whose requests are mirrored, 0 to 1.",
            "deployment"),
    STAGE("understudy.rollout.stage", Kind.GAUGE, "Number of the current stage, from 0.", "deployment"),
    STATUS(
            "understudy.rollout.status",
            Kind.GAUGE,
            "1 for the current status of the rollout, 0 for the others.",
            "deployment",
            "status"),
    REASON(
            "understudy.rollout.reason",
            Kind.GAUGE,
            "1 for the reason code of the last change of the rollout.",
            "deployment",
            "code"),
    EVALUATED(
            "understudy.rollout.evaluated.timestamp",
            Kind.TIME,
            "End of the last evaluated window of the stage, or start of the stage before the first evaluation. Seconds"
                    + " since 1970.",
            "deployment"),
    WINDOW(
            "understudy.rollout.window",
            Kind.TIME,
            "Length of a window, which is how often the evidence is evaluated.",
            "deployment"),
    EVIDENCE(
            "understudy.evidence",
            Kind.GAUGE,
            "Natural logarithm of the evidence for the claim of a metric, or for harm. 0 means no evidence.",
            "deployment",
            "metric",
            "claim"),
    EVIDENCE_THRESHOLD(
            "understudy.evidence.threshold",
            Kind.GAUGE,
            "Value that the evidence must reach for its claim to hold.",
            "deployment",
            "metric",
            "claim"),
    LAG(
            "understudy.lag",
            Kind.GAUGE,
            "Unread records of a reader in all partitions. Up to one per partition is the marker of a transaction.",
            "reader"),
    STREAM_CLIENTS("understudy.console.stream.clients", Kind.GAUGE, "Clients that are connected to the event stream."),
    HTTP_REFUSED("understudy.console.refused", Kind.COUNTER, "Rejected requests to the console.", "status"),
    WRONG_TOKENS("understudy.console.wrong.tokens", Kind.COUNTER, "Wrong tokens that clients sent to the console."),
    NOTIFICATIONS_DELIVERED(
            "understudy.notifications.delivered", Kind.COUNTER, "Events that a webhook accepted.", "format"),
    NOTIFICATIONS_RETRIED(
            "understudy.notifications.retried",
            Kind.COUNTER,
            "Failed attempts to deliver an event to a webhook.",
            "format"),
    NOTIFICATIONS_GIVEN_UP(
            "understudy.notifications.given.up",
            Kind.COUNTER,
            "Events that a webhook did not accept in time, or rejected permanently.",
            "format");

    /** What a meter measures. */
    public enum Kind {
        /** A number that only increases. */
        COUNTER,
        /** A number that increases and decreases. */
        GAUGE,
        /** A point in time, in seconds. */
        TIME,
        /** Sizes, with count, sum and buckets. */
        SUMMARY,
        /** Durations in seconds, with count, sum and buckets. */
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

    /** The name of the meter in Micrometer. */
    public String id() {
        return id;
    }

    /** What it measures. */
    public Kind kind() {
        return kind;
    }

    /** The description of the meter. */
    public String description() {
        return description;
    }

    /** The tags besides {@code role}. */
    public List<String> tags() {
        return tags;
    }

    /** The name of the meter in Prometheus, without the suffixes of a timer's or summary's series. */
    public String prometheusName() {
        String name = id.replace('.', '_');
        return switch (kind) {
            case COUNTER -> name + "_total";
            case TIME, TIMER -> name + "_seconds";
            case GAUGE, SUMMARY -> name;
        };
    }
}

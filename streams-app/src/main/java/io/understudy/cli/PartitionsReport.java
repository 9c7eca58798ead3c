package io.understudy.cli;

import io.understudy.runtime.Preflight;
import io.understudy.topics.PartitionPlan;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Prints a plan to raise the number of partitions, and carries it out. */
final class PartitionsReport {

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean apply;
    private boolean refused;

    /**
     * Creates a report.
     *
     * @param apply whether the plan is carried out
     */
    PartitionsReport(PrintWriter out, PrintWriter err, boolean apply) {
        this.out = out;
        this.err = err;
        this.apply = apply;
    }

    /** Plans to raise the data topics to {@code partitions}, and returns the exit code. */
    int run(Preflight preflight, int partitions) throws InterruptedException, ExecutionException {
        try {
            preflight.raisePartitions(
                    partitions,
                    this::decide,
                    step -> line("raised  " + step.topic() + " from " + step.from() + " to " + step.to()));
        } catch (IllegalArgumentException e) {
            err.println("understudy: " + e.getMessage());
            return 1;
        }
        return refused ? 1 : 0;
    }

    private boolean decide(PartitionPlan plan, Map<String, String> active) {
        if (plan.steps().isEmpty()) {
            line("ok      all topics have the partitions that they should have");
            return false;
        }
        if (!apply) {
            print(plan);
        }
        if (!active.isEmpty()) {
            refused = true;
            err.println("understudy: these groups have members: " + active + "; stop all routers and evaluators, and"
                    + " wait until their groups are empty");
            return false;
        }
        if (!apply) {
            line("understudy: nothing was changed; with --apply, the plan is carried out");
        }
        return apply;
    }

    private void print(PartitionPlan plan) {
        line("stop    all routers and evaluators (the groups " + String.join(", ", plan.groups())
                + "); requests and outcomes wait on their topics");
        plan.steps().forEach(step -> line("raise   " + step.topic() + " from " + step.from() + " to " + step.to()));
        line("start   the routers and evaluators; scorers may run all the time");
        line(String.format(
                Locale.ROOT,
                "keys    %.0f %% of the keys move to another partition%s",
                100 * plan.movedShare(),
                advice(plan)));
        line("        every request is still answered once, in the partition in which it arrived");
        line(
                "        where a key has moved, an outcome finds no request that arrived before: it counts as unmatched, in"
                        + " both arms alike");
        line("        senders and readers see new partitions within their metadata.max.age.ms, 5 minutes by default;"
                + " restart those that should see them at once");
        line("        readers of predictions need auto.offset.reset=earliest, or they miss the first answers in new"
                + " partitions");
    }

    /** Advises the next multiple of the present number: it has the smallest share of keys that move. */
    private static String advice(PartitionPlan plan) {
        int remainder = plan.to() % plan.from();
        return remainder == 0
                ? ""
                : "; with " + (plan.to() - remainder + plan.from()) + ", a multiple of " + plan.from()
                        + ", fewer would move";
    }

    private void line(String text) {
        out.println(text);
        out.flush();
    }
}

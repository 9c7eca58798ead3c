package io.understudy.simulation;

import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Verdict;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Plays rollouts from their first stage to their end, each with a seed of its own: the same seed gives the same rollouts. */
public final class Simulation {

    private final EvidencePlan plan;
    private final Truth truth;
    private final int mostWindows;

    /**
     * @param plan how rollouts are judged
     * @param truth what the world is like
     * @param mostWindows windows after which a rollout is left undecided
     */
    public Simulation(EvidencePlan plan, Truth truth, int mostWindows) {
        this.plan = plan;
        this.truth = truth;
        this.mostWindows = mostWindows;
    }

    /** How a rollout ends. */
    public enum End {
        PROMOTED,
        ABORTED,
        INCONCLUSIVE,
        INVALID,
        UNDECIDED
    }

    /**
     * One rollout.
     *
     * @param end how it ended
     * @param units units of both arms until then
     * @param windows windows until then
     */
    public record Run(End end, long units, int windows) {}

    /**
     * Plays rollouts, as many at a time as there are processors.
     *
     * @param done is told how many are done, in any thread
     */
    public List<Run> play(int runs, long seed, IntConsumer done) {
        AtomicInteger finished = new AtomicInteger();
        return IntStream.range(0, runs)
                .parallel()
                .mapToObj(run -> {
                    Run played = play(seed, run);
                    done.accept(finished.incrementAndGet());
                    return played;
                })
                .toList();
    }

    private Run play(long seed, int run) {
        World world = new World(plan, truth, seed, run);
        long units = 0;
        int windows = 0;
        for (int index = 0; index < plan.stages().size(); index++) {
            StagePlan stage = plan.stages().get(index);
            JudgedStage judged = JudgedStage.empty(plan, index);
            Verdict verdict = Verdict.CONTINUE;
            for (int window = 1; verdict != Verdict.PASS; window++) {
                if (windows == mostWindows) {
                    return new Run(End.UNDECIDED, units, windows);
                }
                judged.absorb(world.window(stage, windows));
                windows++;
                units += truth.unitsPerWindow();
                Ruling ruling = judged.rule(plan.window().multipliedBy(window));
                verdict = ruling.verdict();
                if (ruling.isDecisive() && verdict != Verdict.PASS) {
                    return new Run(end(verdict), units, windows);
                }
            }
        }
        return new Run(End.PROMOTED, units, windows);
    }

    private static End end(Verdict verdict) {
        return switch (verdict) {
            case ABORT -> End.ABORTED;
            case INCONCLUSIVE -> End.INCONCLUSIVE;
            case INVALID -> End.INVALID;
            case PASS, CONTINUE, HOLD, NO_DATA, ERROR, UNKNOWN -> End.UNDECIDED;
        };
    }
}

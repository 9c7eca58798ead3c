package io.understudy.simulation;

import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Verdict;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Simulates rollouts from their first stage to their end. Each rollout has its own random numbers; equal seeds give
 * equal rollouts.
 */
public final class Simulation {

    private final EvidencePlan plan;
    private final Truth truth;
    private final int maxWindows;

    /**
     * @param plan how rollouts are judged
     * @param truth the true distributions from which the data are generated
     * @param maxWindows the number of windows after which a rollout counts as undecided
     */
    public Simulation(EvidencePlan plan, Truth truth, int maxWindows) {
        this.plan = plan;
        this.truth = truth;
        this.maxWindows = maxWindows;
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
     * One simulated rollout.
     *
     * @param end how the rollout ended
     * @param units number of units in both arms until the end
     * @param windows number of windows until the end
     * @param stage the stage in which it ended, from 0
     */
    public record Run(End end, long units, int windows, int stage) {}

    /**
     * Simulates {@code runs} rollouts, in parallel on all processors.
     *
     * @param progress receives the number of finished rollouts, from any thread
     */
    public List<Run> play(int runs, long seed, IntConsumer progress) {
        AtomicInteger finished = new AtomicInteger();
        return IntStream.range(0, runs)
                .parallel()
                .mapToObj(run -> {
                    Run played = play(seed, run);
                    progress.accept(finished.incrementAndGet());
                    return played;
                })
                .toList();
    }

    private Run play(long seed, int run) {
        World world = new World(plan, truth, seed, run);
        long units = 0;
        int windows = 0;
        for (int index = 0; index < plan.stages().size(); index++) {
            JudgedStage judged = JudgedStage.empty(plan, index);
            Verdict verdict = Verdict.CONTINUE;
            for (int window = 1; verdict != Verdict.PASS; window++) {
                if (windows == maxWindows) {
                    return new Run(End.UNDECIDED, units, windows, index);
                }
                judged.absorb(world.window(index, windows), plan.window().multipliedBy(window));
                windows++;
                units += truth.unitsPerWindow();
                Ruling ruling = judged.rule(plan.window().multipliedBy(window));
                verdict = ruling.verdict();
                if (ruling.isDecisive() && verdict != Verdict.PASS) {
                    return new Run(end(verdict), units, windows, index);
                }
            }
        }
        return new Run(End.PROMOTED, units, windows, plan.stages().size() - 1);
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

package io.understudy.benchmarks.calibration;

import io.understudy.judging.JudgedStage;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Verdict;
import io.understudy.simulation.Truth;
import io.understudy.simulation.World;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the judge said in the course of a rollout's first stage. The rollout goes on after a verdict, unless it is one of
 * those that the caller waits for.
 *
 * @param firstWindows the first window after which there was a verdict, counted from 1, by verdict
 */
record Course(Map<Verdict, Integer> firstWindows) {

    /**
     * Simulates {@code runs} rollouts, in parallel on all processors.
     *
     * @param looks the number of windows after which a rollout ends at the latest
     * @param until the verdicts after which it ends
     */
    static List<Course> follow(EvidencePlan plan, Truth truth, long seed, int runs, int looks, Set<Verdict> until) {
        return IntStream.range(0, runs)
                .parallel()
                .mapToObj(run -> follow(plan, new World(plan, truth, seed, run), looks, until))
                .toList();
    }

    private static Course follow(EvidencePlan plan, World world, int looks, Set<Verdict> until) {
        Map<Verdict, Integer> firstWindows = new EnumMap<>(Verdict.class);
        JudgedStage stage = JudgedStage.empty(plan, 0);
        for (int window = 0; window < looks; window++) {
            Duration end = plan.window().multipliedBy(window + 1L);
            stage.absorb(world.window(0, window), end);
            Verdict verdict = stage.rule(end).verdict();
            firstWindows.putIfAbsent(verdict, window + 1);
            if (until.contains(verdict)) {
                break;
            }
        }
        return new Course(firstWindows);
    }

    boolean has(Verdict verdict) {
        return firstWindows.containsKey(verdict);
    }

    /** The first window with {@code verdict}, counted from 1; NaN if there is none. */
    double window(Verdict verdict) {
        Integer window = firstWindows.get(verdict);
        return window == null ? Double.NaN : window;
    }

    /** The median of the first windows with {@code verdict}; NaN if most courses have none. */
    static double median(List<Course> courses, Verdict verdict) {
        return Cells.median(
                courses.stream().mapToDouble(course -> course.window(verdict)).toArray());
    }
}

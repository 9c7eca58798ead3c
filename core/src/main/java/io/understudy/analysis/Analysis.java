package io.understudy.analysis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.assignment.Share;
import io.understudy.evidence.UnitCounts;
import io.understudy.evidence.WindowCounts;
import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Judges one stage of a rollout on recorded data, window by window, until a decisive verdict or the end of the data.
 */
public final class Analysis {

    private final EvidencePlan plan;

    public Analysis(EvidencePlan plan) {
        this.plan = plan;
    }

    /**
     * A judged window.
     *
     * @param start the start of the window, inclusive
     * @param end the end of the window, exclusive
     * @param stage the index of the stage in the plan, from 0
     * @param ruling the ruling after the window
     */
    public record Window(Instant start, Instant end, int stage, Ruling ruling) {}

    /** The source of the data. The analysis opens it for each pass over the data. */
    @FunctionalInterface
    public interface Source {
        InputStream open() throws IOException;
    }

    /**
     * Analyses data.
     *
     * @param requestedStage the stage to judge, from 0; if empty, the first shadow stage for pairs and, for separate
     *     arms, the stage whose share is closest to that of the data, unless no stage's share is near it
     * @param listener receives each window that has data, in order
     * @return the last window
     * @throws InvalidDataException when the data cannot be analysed
     */
    public Window run(Source source, Optional<Integer> requestedStage, Consumer<Window> listener) throws IOException {
        int index = requestedStage.isPresent() ? requestedStage.get() : matchingStage(source);
        StagePlan stage = plan.stages().get(index);
        try (ObservationFile file = new ObservationFile(source.open())) {
            if (stage.isShadow() != file.isPaired() && (file.isPaired() || stage.needsPairs())) {
                throw new InvalidDataException("stages[" + index + "] "
                        + (file.isPaired()
                                ? "compares separate arms, but the data are pairs"
                                : "compares pairs, but the data are of separate arms"));
            }
            List<Observation> rows = file.read(stage.metrics());
            if (rows.isEmpty()) {
                throw new InvalidDataException("the data have no rows");
            }
            return judge(rows, index, listener);
        }
    }

    private int matchingStage(Source source) throws IOException {
        try (ObservationFile file = new ObservationFile(source.open())) {
            boolean paired = file.isPaired();
            List<Integer> stages = IntStream.range(0, plan.stages().size())
                    .filter(i -> plan.stages().get(i).isShadow() == paired)
                    .boxed()
                    .toList();
            if (stages.isEmpty()) {
                throw new InvalidDataException(
                        paired
                                ? "the data are pairs, but the rollout has no shadow stage"
                                : "the data are of separate arms, but the rollout has only shadow stages");
            }
            return paired ? stages.get(0) : closest(stages, file.units(plan.isByKey()));
        }
    }

    private int closest(List<Integer> stages, UnitCounts units) {
        int closest = stages.stream()
                .max(Comparator.comparingDouble(stage -> ShareOfData.logLikelihood(units, share(stage))))
                .orElseThrow();
        if (ShareOfData.isFarFrom(units, share(closest))) {
            throw new InvalidDataException("the candidate has " + units.candidate() + " of the data's "
                    + (units.existing() + units.candidate()) + (plan.isByKey() ? " keys" : " rows")
                    + ", and no stage has a share near that: "
                    + stages.stream()
                            .map(stage -> "stages[" + stage + "] has " + share(stage))
                            .collect(Collectors.joining(", "))
                    + "; change the share of a stage, or name the stage to judge");
        }
        return closest;
    }

    private Share share(int stage) {
        return plan.stages().get(stage).share();
    }

    /** Judges {@code rows}, which are in order of time and not empty. */
    private Window judge(List<Observation> rows, int index, Consumer<Window> listener) {
        StagePlan stage = plan.stages().get(index);
        JudgedStage judged = JudgedStage.empty(plan, index);
        long width = plan.window().toMillis();
        long stageStart = Math.floorDiv(rows.get(0).time(), width) * width;
        int next = 0;
        while (true) {
            long start = Math.floorDiv(rows.get(next).time(), width) * width;
            WindowCounts counts = WindowCounts.empty(stage, plan.isByKey());
            for (; next < rows.size() && rows.get(next).time() < start + width; next++) {
                add(counts, rows.get(next), stage.metrics());
            }
            Duration elapsed = Duration.ofMillis(start + width - stageStart);
            judged.absorb(counts, elapsed);
            Ruling ruling = judged.rule(elapsed);
            Window window = new Window(Instant.ofEpochMilli(start), Instant.ofEpochMilli(start + width), index, ruling);
            listener.accept(window);
            if (ruling.isDecisive() || next == rows.size()) {
                return window;
            }
        }
    }

    private static void add(WindowCounts counts, Observation row, List<MetricSpec> metrics) {
        byte[] key = row.key().getBytes(UTF_8);
        int bucket = WindowCounts.bucket(key);
        if (row instanceof Observation.Single single) {
            addSingle(counts, single, key, bucket, metrics);
        } else if (row instanceof Observation.Pair pair) {
            addPair(counts, pair, key, bucket, metrics);
        }
    }

    private static void addSingle(
            WindowCounts counts, Observation.Single row, byte[] key, int bucket, List<MetricSpec> metrics) {
        counts.request(row.arm(), key);
        if (isLabelled(row.values(), metrics)) {
            counts.labelled(row.arm());
        }
        for (int i = 0; i < metrics.size(); i++) {
            counts.observe(i, row.arm(), bucket, row.values()[i]);
        }
    }

    private static void addPair(
            WindowCounts counts, Observation.Pair row, byte[] key, int bucket, List<MetricSpec> metrics) {
        for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
            counts.request(arm, key);
            if (isLabelled(row.existing(), metrics)) {
                counts.labelled(arm);
            }
        }
        for (int i = 0; i < metrics.size(); i++) {
            if (metrics.get(i).kind().isPairedInShadow()) {
                counts.observePair(i, bucket, row.existing()[i], row.candidate()[i]);
            } else {
                counts.observe(i, Arm.EXISTING, bucket, row.existing()[i]);
                counts.observe(i, Arm.CANDIDATE, bucket, row.candidate()[i]);
            }
        }
    }

    private static boolean isLabelled(double[] values, List<MetricSpec> metrics) {
        for (int i = 0; i < values.length; i++) {
            if (metrics.get(i).kind().needsOutcome() && !Double.isNaN(values[i])) {
                return true;
            }
        }
        return false;
    }
}

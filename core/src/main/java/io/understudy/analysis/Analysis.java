package io.understudy.analysis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.evidence.WindowCounts;
import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import java.io.IOException;
import java.io.Reader;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** One stage of a rollout, judged window by window on recorded data, until a verdict or the data's end. */
public final class Analysis {

    private final EvidencePlan plan;

    public Analysis(EvidencePlan plan) {
        this.plan = plan;
    }

    /**
     * A window that was judged.
     *
     * @param start its start, inclusive
     * @param end its end, exclusive
     * @param stage the stage's place in the plan, from 0
     * @param ruling what the judge says
     */
    public record Window(Instant start, Instant end, int stage, Ruling ruling) {}

    /** Where the data are; opened anew for each pass over them. */
    @FunctionalInterface
    public interface Source {
        Reader open() throws IOException;
    }

    /**
     * Analyses data.
     *
     * @param chosen the stage to judge; empty: the first shadow stage for pairs, and for separate arms the stage whose share is
     *     nearest to the data's
     * @param told is told each window that is not empty, in order
     * @return the last window
     * @throws InvalidDataException when the data cannot be analysed
     */
    public Window run(Source source, Optional<Integer> chosen, Consumer<Window> told) throws IOException {
        int index = chosen.isPresent() ? chosen.get() : fitting(source);
        StagePlan stage = plan.stages().get(index);
        try (ObservationFile file = new ObservationFile(source.open())) {
            if (stage.isShadow() != file.isPaired() && (file.isPaired() || stage.needsPairs())) {
                throw new InvalidDataException("stages[" + index + "] "
                        + (file.isPaired()
                                ? "compares separate arms, and the data are pairs"
                                : "compares pairs, and the data are of separate arms"));
            }
            List<Observation> rows = file.read(stage.metrics());
            if (rows.isEmpty()) {
                throw new InvalidDataException("there are no rows");
            }
            return judge(rows, index, told);
        }
    }

    private int fitting(Source source) throws IOException {
        try (ObservationFile file = new ObservationFile(source.open())) {
            boolean paired = file.isPaired();
            double share = paired ? 0 : file.candidateShare();
            return IntStream.range(0, plan.stages().size())
                    .filter(i -> plan.stages().get(i).isShadow() == paired)
                    .boxed()
                    .min(Comparator.comparingDouble(
                            i -> Math.abs(plan.stages().get(i).share().fraction() - share)))
                    .orElseThrow(() -> new InvalidDataException(
                            paired
                                    ? "the data are pairs, and the rollout has no shadow stage"
                                    : "the data are of separate arms, and the rollout has only shadow stages"));
        }
    }

    private Window judge(List<Observation> rows, int index, Consumer<Window> told) {
        JudgedStage stage = JudgedStage.empty(plan, index);
        long width = plan.window().toMillis();
        long begin = Math.floorDiv(rows.get(0).time(), width) * width;
        Window last = null;
        int next = 0;
        while (next < rows.size() && (last == null || !last.ruling().isDecisive())) {
            long start = Math.floorDiv(rows.get(next).time(), width) * width;
            WindowCounts counts = WindowCounts.empty(plan.stages().get(index), plan.isByKey());
            for (; next < rows.size() && rows.get(next).time() < start + width; next++) {
                add(counts, rows.get(next), plan.stages().get(index).metrics());
            }
            stage.absorb(counts);
            Ruling ruling = stage.rule(Duration.ofMillis(start + width - begin));
            last = new Window(Instant.ofEpochMilli(start), Instant.ofEpochMilli(start + width), index, ruling);
            told.accept(last);
        }
        return last;
    }

    private static void add(WindowCounts counts, Observation row, List<MetricSpec> metrics) {
        byte[] key = row.key().getBytes(UTF_8);
        int bucket = WindowCounts.bucket(key);
        if (row.candidate() == null) {
            counts.request(row.arm(), key);
            if (isLabelled(row.existing(), metrics)) {
                counts.labelled(row.arm());
            }
            for (int i = 0; i < metrics.size(); i++) {
                counts.observe(i, row.arm(), bucket, row.existing()[i]);
            }
            return;
        }
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

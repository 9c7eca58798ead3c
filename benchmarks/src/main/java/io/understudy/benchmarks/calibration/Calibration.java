package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Simulates rollouts of which the truth is known, and writes a page of tables: how often and how late is the judge? */
@Command(
        name = "calibration",
        mixinStandardHelpOptions = true,
        description = "Measures how often the judge is wrong and how long it takes, and writes docs/calibration.md.")
public final class Calibration implements Callable<Integer> {

    private static final String INTRODUCTION = """
            # Calibration

            Written by `benchmarks/calibrate`. Each row simulates as many rollouts as its column *runs* says, on data of
            which the truth is known, with the judge that runs in production. An error rate of .05, measured in 2,000
            rollouts, has a standard error of .005. *Windows* are medians; "over" stands where most rollouts had no
            such verdict until their end.
            """;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Rollouts for the rate of an error; rows with long rollouts use a part of it. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int runs = 2000;

    @Option(
            names = "--power-runs",
            paramLabel = "N",
            description = "Rollouts for the time to a decision. Default: ${DEFAULT-VALUE}.")
    private int powerRuns = 400;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Measure only the tables whose name contains this text or, if there are none, such rows. "
                    + "Writes no file. Tables: no difference, late break, late gain, long stages, margin, faultless, "
                    + "cycles, broken data, whole rollouts.")
    private String only = "";

    @Option(names = "--output", paramLabel = "FILE", description = "File for the page. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("docs/calibration.md");

    private Calibration() {}

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new Calibration()).execute(arguments));
    }

    private static List<Section> sections() {
        return List.of(
                NoDifference.section(),
                LateChanges.breaks(),
                LateChanges.gains(),
                LongStages.section(),
                Margins.atTheMargin(),
                Margins.faultless(),
                Cycles.section(),
                BrokenData.section(),
                WholeRollouts.section());
    }

    @Override
    public Integer call() throws Exception {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        List<Section> sections = sections();
        boolean aSection = sections.stream().anyMatch(section -> section.name().contains(only));
        for (Section section : sections) {
            List<Row> rows = aSection
                    ? section.name().contains(only) ? section.rows() : List.of()
                    : section.rows().stream()
                            .filter(row -> row.name().contains(only))
                            .toList();
            if (!rows.isEmpty()) {
                page.append(measured(section, rows));
            }
        }
        if (only.isEmpty()) {
            Files.writeString(output, page);
        }
        return 0;
    }

    /** The section with its table, which is also printed row by row as it is measured, with the seconds it took. */
    private String measured(Section section, List<Row> rows) {
        StringBuilder text = new StringBuilder(section.head());
        System.out.print(section.head());
        for (Row row : rows) {
            long before = System.nanoTime();
            String cells = String.join(" | ", row.measurement().cells(new Runs(runs, powerRuns)));
            String line = "| " + row.name() + " | " + cells + " |";
            text.append(line).append('\n');
            System.out.printf(Locale.ROOT, "%s %.0f s%n", line, (System.nanoTime() - before) / 1e9);
        }
        return text.toString();
    }
}

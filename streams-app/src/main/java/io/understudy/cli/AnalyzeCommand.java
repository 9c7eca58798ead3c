package io.understudy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.analysis.Analysis;
import io.understudy.analysis.Analysis.Window;
import io.understudy.judging.RulingJson;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code understudy analyze}. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Judges recorded data by the metrics of a rollout, window by window, until there is a verdict or the data ends. "
                    + "Needs no cluster.",
            "DATA is CSV with the columns time (ISO, or milliseconds or seconds since 1970) and key. For separate arms, it also has the "
                    + "column arm (existing or candidate) and a column for each metric. For requests that both models answered, "
                    + "it has the columns existing.METRIC and candidate.METRIC for each metric. "
                    + "A ratio has METRIC.numerator and METRIC.denominator. "
                    + "Rates are 0 or 1; an empty cell is an unknown outcome; a time without an offset is UTC. "
                    + "The file is UTF-8, or UTF-16 with a byte order mark, with commas between the cells and no line break in one. "
                    + "The exit code is 0 for every verdict."
        })
final class AnalyzeCommand implements Callable<Integer> {

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The rollout, YAML. It needs no candidate.")
    private Path file;

    @Parameters(paramLabel = "DATA", description = "The data, CSV.")
    private Path data;

    @Option(
            names = "--stage",
            paramLabel = "N",
            description =
                    "Stage to judge, from 0. Default: the stage that fits the data; for separate arms, the share decides, and data with"
                            + " no stage's share are an error.")
    private @Nullable Integer stage;

    @Option(names = "--json", description = "Print one JSON object per window, and a last one with final: true.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        EvidencePlan plan = SpecReader.evidence(Files.readString(file));
        if (stage != null && (stage < 0 || stage >= plan.stages().size())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--stage is " + stage + "; the rollout has the stages 0 to "
                            + (plan.stages().size() - 1));
        }
        PrintWriter out = spec.commandLine().getOut();
        Window last = new Analysis(plan)
                .run(
                        () -> Files.newInputStream(data),
                        Optional.ofNullable(stage),
                        window -> out.println(format(window, false)));
        out.println(format(last, true));
        if (!json) {
            last.ruling().warnings().forEach(warning -> out.println("warning: " + warning));
        }
        out.flush();
        return 0;
    }

    private String format(Window window, boolean last) {
        if (json) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            object.put("final", last);
            object.put("stage", window.stage());
            object.put("windowStart", window.start().toString());
            object.put("windowEnd", window.end().toString());
            object.setAll(RulingJson.of(window.ruling()));
            return object.toString();
        }
        return (last ? "final" : window.end().toString()) + " "
                + window.ruling().verdict() + " " + window.ruling().reason();
    }
}

package io.understudy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.assignment.HashBuckets;
import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints the arm of a rollout that each unit belongs to. */
@Command(
        name = "assign",
        mixinStandardHelpOptions = true,
        description =
                "Prints the arm of each unit. A line has the unit, EXISTING or CANDIDATE, and the bucket of 100000, separated by tabs. "
                        + "Needs no cluster.")
final class AssignCommand implements Callable<Integer> {

    @Option(
            names = "--salt",
            required = true,
            paramLabel = "SALT",
            description = "Salt of the rollout: its identifier, unless its file sets a salt.")
    private String salt;

    @Option(
            names = "--share",
            required = true,
            paramLabel = "PERCENT",
            converter = ShareConverter.class,
            description = "Share of the candidate, e.g. 5%% or 0.001%%.")
    private Share share;

    @Parameters(
            paramLabel = "UNIT",
            arity = "0..*",
            description =
                    "Record keys, or request ids when the unit of the rollout is the request. Default: one per line from standard input.")
    private @Nullable List<String> units;

    @Spec
    private CommandSpec spec;

    static final class ShareConverter implements ITypeConverter<Share> {
        @Override
        public Share convert(String text) {
            try {
                return Share.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (units != null) {
            units.forEach(unit -> print(unit, out));
        } else {
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String unit = input.readLine(); unit != null; unit = input.readLine()) {
                print(unit, out);
            }
        }
        out.flush();
        return 0;
    }

    private void print(String unit, PrintWriter out) {
        int bucket = HashBuckets.of(salt, unit);
        out.println(unit + "\t" + TrafficSplit.arm(salt, unit, share) + "\t" + bucket);
    }
}

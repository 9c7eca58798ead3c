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
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Says in which arm of a rollout somebody is. */
@Command(
        name = "assign",
        mixinStandardHelpOptions = true,
        description =
                "Prints in which arm units are: the unit, EXISTING or CANDIDATE, and its bucket of 100000, with tabs between. Needs no cluster.")
final class AssignCommand implements Callable<Integer> {

    @Option(
            names = "--salt",
            required = true,
            paramLabel = "SALT",
            description = "The rollout's salt; its identifier, unless its author gave one.")
    private String salt;

    @Option(
            names = "--share",
            required = true,
            paramLabel = "PERCENT",
            converter = ShareConverter.class,
            description = "The candidate's share, e.g. 5%% or 0.001%%.")
    private Share share;

    @Parameters(
            paramLabel = "UNIT",
            arity = "0..*",
            description =
                    "Record keys, or request ids where the rollout's unit is the request; none: one a line from standard input.")
    private List<String> units;

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

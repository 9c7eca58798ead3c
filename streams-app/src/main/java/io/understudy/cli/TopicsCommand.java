package io.understudy.cli;

import io.understudy.registry.Registry;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import io.understudy.topics.Findings;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks topics and subjects, creates missing ones, and changes existing ones. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Checks the topics and the schema subjects. With --create, first creates those that are missing."
                + " With --partitions, plans to raise the number of partitions.")
final class TopicsCommand implements Callable<Integer> {

    @Mixin
    private SettingsOptions options;

    @Option(names = "--create", description = "Create missing topics and subjects.")
    private boolean create;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Print what raising the data topics to N partitions does, and what must be stopped first.")
    private @Nullable Integer partitions;

    @Option(
            names = "--apply",
            description = "Change the settings of existing topics that are not as they should be."
                    + " With --partitions: carry out the plan instead.")
    private boolean apply;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        try (Registry registry = SettingsOptions.registry(settings)) {
            Preflight preflight = new Preflight(settings, registry);
            if (create) {
                preflight.create().forEach(name -> out().println("created " + name));
            }
            if (partitions != null) {
                PartitionsReport report =
                        new PartitionsReport(out(), spec.commandLine().getErr(), apply);
                return report.run(preflight, partitions);
            }
            if (apply) {
                preflight.mend().forEach(change -> out().println("changed " + change));
            }
            return report(preflight.check(), settings);
        }
    }

    private int report(Findings findings, Settings settings) {
        print("", findings.faults());
        print("", findings.differences());
        print("warning: ", findings.warnings());
        if (findings.faults().isEmpty() && findings.differences().isEmpty()) {
            settings.topics().all().forEach(topic -> out().println("ok      " + topic.name()));
            return 0;
        }
        return 1;
    }

    private void print(String kind, List<String> sentences) {
        sentences.forEach(sentence -> spec.commandLine().getErr().println("understudy: " + kind + sentence));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

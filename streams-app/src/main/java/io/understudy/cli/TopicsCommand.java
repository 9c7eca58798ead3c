package io.understudy.cli;

import io.understudy.registry.Registry;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates or checks topics and subjects. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description =
                "Checks that topics and schema subjects are as they should be; with --create, creates those that are missing first.")
final class TopicsCommand implements Callable<Integer> {

    @Mixin
    private SettingsOptions options;

    @Option(names = "--create", description = "Create what is missing; what exists is never changed.")
    private boolean create;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        PrintWriter out = spec.commandLine().getOut();
        try (Registry registry = SettingsOptions.registry(settings)) {
            Preflight preflight = new Preflight(settings, registry);
            if (create) {
                preflight.create().forEach(name -> out.println("created " + name));
            }
            List<String> faults = preflight.faults();
            faults.forEach(fault -> spec.commandLine().getErr().println("understudy: " + fault));
            if (faults.isEmpty()) {
                settings.topics().all().forEach(topic -> out.println("ok      " + topic.name()));
            }
            return faults.isEmpty() ? 0 : 1;
        }
    }
}

package io.understudy.cli;

import io.understudy.access.Party;
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

/** Checks topics and subjects, and creates missing ones. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Checks the topics and the schema subjects. With --create, first creates those that are missing.")
final class TopicsCommand implements Callable<Integer> {

    @Mixin
    private SettingsOptions options;

    @Option(names = "--create", description = "Create missing topics and subjects. Existing topics are never changed.")
    private boolean create;

    @Mixin
    private TimeoutOption timeout;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        return new Cluster(settings, Party.ADMINISTRATORS, timeout.value())
                .use((registry, kafka) -> check(settings, registry));
    }

    private int check(Settings settings, Registry registry) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
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

package io.understudy.cli;

import io.understudy.metrics.ProcessMeters;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.RoleName;
import io.understudy.runtime.Settings;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs roles until the process is stopped. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs roles against an existing cluster until the process is stopped.")
final class RunCommand implements Callable<Integer> {

    private static final long FAILURE_PROBE_SECONDS = 1;

    @Mixin
    private SettingsOptions options;

    @Option(
            names = "--roles",
            paramLabel = "ROLES",
            description =
                    "Any of router, scorer, controller, evaluator, console, notifier, separated by commas. Default: all.")
    private @Nullable String roles;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (roles != null) {
            options.override("roles", roles);
        }
        Settings settings = options.settings();
        Registry registry = SettingsOptions.registry(settings);
        try (Shutdown shutdown = Shutdown.listen(registry::close);
                ProcessMeters meters = new ProcessMeters();
                Node node = new Node(settings, registry, meters, InstantSource.system())) {
            // Before any waiting, so that the console and the monitoring show what the process waits for.
            node.listen();
            node.consoleAddress().ifPresent(address -> print("console: " + address));
            node.monitoringAddress().ifPresent(address -> print("monitoring: " + address));
            List<String> faults = new Preflight(settings, registry).awaitFaults(shutdown::isRequested);
            if (!faults.isEmpty()) {
                faults.forEach(fault -> spec.commandLine().getErr().println("understudy: " + fault));
                spec.commandLine()
                        .getErr()
                        .println("understudy: 'understudy topics --create' creates missing topics and subjects");
                return 1;
            }
            return shutdown.isRequested() ? 0 : run(settings, node, shutdown);
        } finally {
            registry.close();
        }
    }

    private int run(Settings settings, Node node, Shutdown shutdown) throws Exception {
        node.start();
        print("understudy: running "
                + settings.roles().stream().map(RoleName::code).collect(Collectors.joining(", ")));
        while (!shutdown.await(FAILURE_PROBE_SECONDS)) {
            Optional<String> failure = node.failure();
            if (failure.isPresent()) {
                spec.commandLine().getErr().println("understudy: " + failure.get());
                return 1;
            }
        }
        return 0;
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}

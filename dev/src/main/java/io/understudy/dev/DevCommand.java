package io.understudy.dev;

import io.understudy.cli.SettingsOptions;
import io.understudy.cli.Shutdown;
import io.understudy.cli.Subcommand;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.registry.Registry;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an embedded stack with topics and subjects until the process is stopped. */
@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        description =
                "Starts a broker and a schema registry on this machine, creates topics and subjects, and prints the addresses.")
public final class DevCommand implements Subcommand, Callable<Integer> {

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Directory for the data, which is used again at the next start. Default: a temporary directory, deleted at the end.")
    private Path directory;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        try (Shutdown shutdown = Shutdown.listen(() -> {});
                EmbeddedStack stack = directory == null
                        ? EmbeddedStack.temporary()
                        : EmbeddedStack.start(Files.createDirectories(directory), true)) {
            Properties properties = new Properties();
            properties.setProperty("kafka.bootstrap.servers", stack.bootstrapServers());
            properties.setProperty("registry.url", stack.registryUrl());
            // A developer's inference servers and webhooks are on this machine.
            properties.setProperty("outbound.hosts", "*,localhost");
            Settings settings = SettingsReader.read(properties);
            try (Registry registry = SettingsOptions.registry(settings)) {
                new Preflight(settings, registry).create();
            }
            PrintWriter out = spec.commandLine().getOut();
            properties.stringPropertyNames().stream()
                    .sorted()
                    .forEach(name -> out.println(name + "=" + properties.getProperty(name)));
            out.flush();
            shutdown.await();
        }
        return 0;
    }
}

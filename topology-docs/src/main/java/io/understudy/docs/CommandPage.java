package io.understudy.docs;

import io.understudy.cli.Understudy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The page {@code docs/cli.md}: what every command says of itself. */
final class CommandPage {

    private static final int WIDTH = 110;

    private CommandPage() {}

    static String render() {
        StringBuilder page = new StringBuilder("""
                # Command line

                Written from the code by the module `topology-docs`; the build fails when this page and the code differ. Each command says the same
                with `--help`.
                """);
        for (CommandLine command : commands(Understudy.commandLine())) {
            String name = command.getCommandSpec().qualifiedName();
            command.setUsageHelpWidth(WIDTH);
            page.append("\n## ").append(name).append("\n\n```text\n");
            command.getUsageMessage(Ansi.OFF)
                    .lines()
                    .map(String::stripTrailing)
                    .forEach(line -> page.append(line).append('\n'));
            page.append("```\n");
        }
        return page.toString();
    }

    /** A command, and below it its own; help has nothing to tell. */
    private static List<CommandLine> commands(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        for (CommandLine child : new LinkedHashSet<>(command.getSubcommands().values())) {
            if (!child.getCommandName().equals("help")) {
                all.addAll(commands(child));
            }
        }
        return all;
    }
}

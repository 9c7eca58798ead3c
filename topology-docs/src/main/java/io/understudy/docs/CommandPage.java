package io.understudy.docs;

import io.understudy.cli.Understudy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The page {@code docs/cli.md}: the help text of every command. */
final class CommandPage {

    private static final int WIDTH = 110;

    private CommandPage() {}

    static String render() {
        StringBuilder page = new StringBuilder("""
                # Command line

                This page is generated from the code by the module `topology-docs`. The build fails when the page differs from the code.
                Each command prints the same text with `--help`.
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

    /** A command followed by its subcommands, without the command help. */
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

package io.understudy.cli;

import picocli.CommandLine.Command;

/** The commands for rollouts. */
@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        description = "Starts, steers, watches and ends rollouts.",
        subcommands = {
            ValidateCommand.class,
            SteerCommands.Start.class,
            ViewCommands.Status.class,
            ViewCommands.Watch.class,
            ViewCommands.Explain.class,
            ViewCommands.History.class,
            SteerCommands.Pause.class,
            SteerCommands.Resume.class,
            SteerCommands.Advance.class,
            SteerCommands.Back.class,
            SteerCommands.Approve.class,
            SteerCommands.Promote.class,
            SteerCommands.Abort.class,
            SteerCommands.Retry.class
        })
final class RolloutCommands {}

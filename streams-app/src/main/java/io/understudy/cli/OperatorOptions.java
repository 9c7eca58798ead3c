package io.understudy.cli;

import io.understudy.access.Party;
import io.understudy.control.CommandClient;
import io.understudy.control.ControlJson;
import io.understudy.runtime.Settings;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of all operator commands, and the code that sends them. */
final class OperatorOptions {

    private static final int REJECTED = 1;

    @Mixin
    private SettingsOptions options;

    @Option(
            names = "--actor",
            paramLabel = "NAME",
            description = "Who sends the command, for the audit. Default: the name of the user.")
    private String actor = System.getProperty("user.name");

    @Option(names = "--reason", paramLabel = "TEXT", description = "Reason for the command, for the audit.")
    private @Nullable String reason;

    @Option(
            names = "--expect-version",
            paramLabel = "N",
            description = "Reject the command unless the state of the deployment has this version.")
    private @Nullable Long expectedVersion;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description = "Maximum time to wait. Default: 30s for the answer; with --wait, no limit for the outcome.")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print each event as one line of JSON.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    Settings settings() throws IOException {
        return options.settings();
    }

    /** Starts a command for {@code deployment} with the actor, the reason and the expected version from the options. */
    RolloutCommand.Builder command(String deployment, RolloutVerb verb) {
        return RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment(deployment)
                .setVerb(verb)
                .setActor(actor)
                .setReason(reason)
                .setExpectedVersion(expectedVersion)
                .setIssuedAt(Instant.now());
    }

    /**
     * Sends a command and prints the event that answers it.
     *
     * @param wait whether to wait until the rollout has an outcome
     * @return the exit code
     */
    int send(RolloutCommand command, boolean wait) throws Exception {
        Settings settings = options.settings();
        return cluster(settings).use((registry, kafka) -> {
            try (CommandClient client = new CommandClient(settings.topics(), registry, kafka)) {
                return send(client, command, wait);
            }
        });
    }

    /** The cluster, as operators use it. */
    Cluster cluster(Settings settings) {
        return new Cluster(settings, Party.OPERATORS, SettingsOptions.TIMEOUT);
    }

    private int send(CommandClient client, RolloutCommand command, boolean wait) throws Exception {
        Duration answerTimeout =
                timeout == null || wait && timeout.compareTo(ANSWER_TIMEOUT) > 0 ? ANSWER_TIMEOUT : timeout;
        Optional<RolloutEvent> answer = client.send(command, answerTimeout);
        if (answer.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("understudy: no answer within " + answerTimeout.toSeconds()
                            + " s; the command is on its topic and takes effect when a controller runs");
            return CommandOutcome.STILL_RUNNING.exitCode();
        }
        print(answer.get());
        if (answer.get().getType() == RolloutEventType.REJECTED) {
            return REJECTED;
        }
        return wait ? await(client, answer.get()).exitCode() : 0;
    }

    private CommandOutcome await(CommandClient client, RolloutEvent answer) {
        long giveUpAt = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
        Optional<CommandOutcome> outcome = outcome(answer);
        while (outcome.isEmpty() && System.nanoTime() < giveUpAt) {
            for (RolloutEvent event : client.next(answer.getDeployment())) {
                print(event);
                if (event.getState() != null) {
                    outcome = outcome(event);
                }
            }
        }
        if (outcome.isEmpty() && timeout != null) {
            spec.commandLine()
                    .getErr()
                    .println("understudy: rollout " + answer.getRollout() + " is still in progress after "
                            + timeout.toSeconds() + " s; `rollout explain " + answer.getDeployment() + "` says why");
        }
        return outcome.orElse(CommandOutcome.STILL_RUNNING);
    }

    private static Optional<CommandOutcome> outcome(RolloutEvent event) {
        return CommandOutcome.of(event.getState().getRollout().getStatus());
    }

    private void print(RolloutEvent event) {
        boolean accepted = event.getType() != RolloutEventType.REJECTED;
        String text = json ? ControlJson.of(event).toString() : Sentences.of(event);
        (accepted ? spec.commandLine().getOut() : spec.commandLine().getErr()).println(text);
        spec.commandLine().getOut().flush();
    }
}

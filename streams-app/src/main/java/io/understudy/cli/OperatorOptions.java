package io.understudy.cli;

import io.understudy.control.CommandClient;
import io.understudy.registry.Registry;
import io.understudy.runtime.Settings;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command of an operator takes, and how it is sent. */
final class OperatorOptions {

    @Mixin
    private SettingsOptions options;

    @Option(names = "--actor", paramLabel = "NAME", description = "Who asks, for the audit; default: the user's name.")
    private String actor = System.getProperty("user.name");

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
    private String reason;

    @Option(
            names = "--expect-version",
            paramLabel = "N",
            description = "Reject the command unless the deployment's state is at this version.")
    private Long expectedVersion;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for the answer; default ${DEFAULT-VALUE}.")
    private long timeoutSeconds = 30;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Sends a command and prints what came of it; 0 when it was accepted. */
    int send(String deployment, RolloutVerb verb, String specification) throws Exception {
        Settings settings = options.settings();
        RolloutCommand command = RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment(deployment)
                .setVerb(verb)
                .setActor(actor)
                .setReason(reason)
                .setExpectedVersion(expectedVersion)
                .setSpec(specification)
                .setIssuedAt(Instant.now())
                .build();
        try (Registry registry = SettingsOptions.registry(settings);
                CommandClient client = new CommandClient(settings.topics(), registry, Map.copyOf(settings.kafka()))) {
            return print(client.send(command, Duration.ofSeconds(timeoutSeconds)));
        }
    }

    private int print(Optional<RolloutEvent> answer) {
        if (answer.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("understudy: no answer within " + timeoutSeconds
                            + " s; the command is on its topic and holds once a controller runs");
            return 1;
        }
        RolloutEvent event = answer.get();
        boolean accepted = event.getType() != RolloutEventType.REJECTED;
        String text = event.getType() + " " + event.getDeployment() + " state version " + event.getStateVersion()
                + (event.getRollout() == null ? "" : " rollout " + event.getRollout())
                + (event.getReason() == null ? "" : ": " + event.getReason());
        (accepted ? spec.commandLine().getOut() : spec.commandLine().getErr()).println(text);
        return accepted ? 0 : 1;
    }
}

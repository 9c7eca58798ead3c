package io.understudy.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The option of commands that read once: how long they wait for what they read from. */
final class TimeoutOption {

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = SecondsConverter.class,
            description =
                    "Maximum time to wait for the broker, and for the schema registry. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    Duration value() {
        return timeout;
    }
}

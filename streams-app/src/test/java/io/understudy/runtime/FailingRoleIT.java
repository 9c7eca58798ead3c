package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.testing.Installation;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingRoleIT {

    @TempDir
    Path directory;

    @Test
    void aRoleWhoseThreadsFailAgainAndAgainIsNotReadyAndThenGivesUpWithTheCause() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "topics.partitions", "1")) {
            installation
                    .send(installation.topics().outcomes(), "key", new byte[1])
                    .get();
            try (StreamsRole role = new StreamsRole(
                    "failing",
                    failing(installation.topics().outcomes().name()),
                    StreamsRole.configs(installation.settings(), RoleName.ROUTER, 1, Duration.ofMillis(50)),
                    Duration.ofMinutes(1),
                    installation.settings().permissions(RoleName.ROUTER.party()),
                    new SimpleMeterRegistry())) {
                role.start();
                Awaitility.await("not ready")
                        .dontCatchUncaughtExceptions()
                        .atMost(Duration.ofMinutes(2))
                        .until(() -> role.readiness().detail().contains("fail again and again"));
                Awaitility.await("given up")
                        .dontCatchUncaughtExceptions()
                        .atMost(Duration.ofMinutes(3))
                        .until(() -> role.failure().isPresent());
                assertThat(role.failure())
                        .hasValueSatisfying(why -> assertThat(why)
                                .startsWith("failing failed 10 times in a row without progress")
                                .contains("NoClassDefFoundError: Unsupported"));
            }
        }
    }

    private static Topology failing(String topic) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .foreach((key, value) -> {
                    throw new NoClassDefFoundError("Unsupported");
                });
        return builder.build();
    }
}

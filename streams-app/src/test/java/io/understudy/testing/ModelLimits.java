package io.understudy.testing;

import io.understudy.outbound.AllowedHosts;
import io.understudy.scoring.ModelLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What models may use in tests, whose servers are on this machine. */
public final class ModelLimits {

    public static final int MAX_FILE_BYTES = 1024 * 1024;
    public static final int MAX_ANSWER_BYTES = 10_000;

    private ModelLimits() {}

    public static ModelLoader.Limits of(Path directory, Duration deadline, int requestsInFlight) {
        return new ModelLoader.Limits(
                directory,
                MAX_FILE_BYTES,
                deadline,
                requestsInFlight,
                MAX_ANSWER_BYTES,
                new AllowedHosts(List.of("localhost")));
    }
}

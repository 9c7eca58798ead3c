package io.understudy.readiness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.ModelReadiness;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key of a record of readiness: {@code instance|lane|deployment|version}, the last two empty for a whole lane.
 *
 * @param instance the program
 * @param lane the lane that it reads
 * @param deployment the deployment; null for the whole lane
 * @param version the version of the model; null for the whole lane
 */
public record ReadinessKey(
        String instance,
        String lane,
        @Nullable String deployment,
        @Nullable String version) {

    private static final int PARTS = 4;

    /** The key of a record. */
    public static ReadinessKey of(ModelReadiness said) {
        return new ReadinessKey(said.getInstance(), said.getLane(), said.getDeployment(), said.getVersion());
    }

    /** Reads a key; empty if it is none. A name of an instance may contain the separator, the other parts cannot. */
    public static Optional<ReadinessKey> read(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        String[] parts = new String(bytes, UTF_8).split("\\|", -1);
        int last = parts.length - 1;
        if (parts.length < PARTS) {
            return Optional.empty();
        }
        StringBuilder instance = new StringBuilder(parts[0]);
        for (int i = 1; i <= last - (PARTS - 1); i++) {
            instance.append('|').append(parts[i]);
        }
        return Optional.of(new ReadinessKey(
                instance.toString(), parts[last - 2], nullIfEmpty(parts[last - 1]), nullIfEmpty(parts[last])));
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    /** The key as it is on the topic. */
    public byte[] bytes() {
        return String.join("|", instance, lane, orEmpty(deployment), orEmpty(version))
                .getBytes(UTF_8);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}

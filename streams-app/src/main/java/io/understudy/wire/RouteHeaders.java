package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Arm;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The routing decision on a lane, as headers of text, so that a program in any language can read it. Whatever upstream sent under
 * our prefix is dropped: a caller does not choose its arm.
 */
public final class RouteHeaders {

    /** What the names of all our headers begin with. */
    public static final String PREFIX = "understudy-";

    static final String DEPLOYMENT = PREFIX + "deployment";
    static final String ARM = PREFIX + "arm";
    static final String VERSION = PREFIX + "version";
    static final String ROLLOUT = PREFIX + "rollout";
    static final String STAGE = PREFIX + "stage";
    static final String EPOCH = PREFIX + "epoch";
    static final String MIRRORED = PREFIX + "mirrored";
    static final String ROUTED_AT = PREFIX + "routed-at";

    private final List<Header> fixed;

    /** The headers of every record that goes the way of {@code route}; only the time differs. */
    public RouteHeaders(Route route) {
        List<Header> headers = new ArrayList<>();
        headers.add(header(DEPLOYMENT, route.deployment()));
        headers.add(header(ARM, route.arm().name()));
        headers.add(header(VERSION, route.modelVersion()));
        if (route.rollout() != null) {
            headers.add(header(ROLLOUT, route.rollout()));
            headers.add(header(STAGE, route.stage().toString()));
            headers.add(header(EPOCH, route.epoch().toString()));
        }
        if (route.mirrored()) {
            headers.add(header(MIRRORED, "true"));
        }
        this.fixed = List.copyOf(headers);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    /** The received headers without any of ours, then the decision. */
    public Headers stamp(Headers received, byte[] routedAt) {
        RecordHeaders stamped = new RecordHeaders();
        copyForeign(received, stamped);
        for (Header header : fixed) {
            stamped.add(header);
        }
        stamped.add(new RecordHeader(ROUTED_AT, routedAt));
        return stamped;
    }

    /** Copies the headers that are not under our prefix. */
    static void copyForeign(Headers from, Headers to) {
        for (Header header : from) {
            if (!header.key().startsWith(PREFIX)) {
                to.add(header);
            }
        }
    }

    /** The time of routing as a header's value. */
    public static byte[] routedAt(long millis) {
        return Long.toString(millis).getBytes(UTF_8);
    }

    /**
     * Reads the decision back.
     *
     * @throws UnusableRecordException when the record did not pass the router
     */
    public static Route read(Headers headers) throws UnusableRecordException {
        String deployment = null;
        Arm arm = Arm.UNKNOWN;
        String version = null;
        String rollout = null;
        Integer stage = null;
        Integer epoch = null;
        boolean mirrored = false;
        Long routedAt = null;
        try {
            for (Header header : headers) {
                switch (header.key()) {
                    case DEPLOYMENT -> deployment = text(header);
                    case ARM -> arm = Arm.valueOf(text(header));
                    case VERSION -> version = text(header);
                    case ROLLOUT -> rollout = text(header);
                    case STAGE -> stage = Integer.valueOf(text(header));
                    case EPOCH -> epoch = Integer.valueOf(text(header));
                    case MIRRORED -> mirrored = Boolean.parseBoolean(text(header));
                    case ROUTED_AT -> routedAt = Long.valueOf(text(header));
                    default -> {
                        // upstream's own
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED, "a routing header is garbled: " + e.getMessage());
        }
        if (deployment == null || version == null) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED, "the record has no routing headers; only the router writes to a lane");
        }
        return new Route(deployment, arm, version, rollout, stage, epoch, mirrored, routedAt);
    }

    private static String text(Header header) {
        if (header.value() == null) {
            throw new IllegalArgumentException(header.key() + " has no value");
        }
        return new String(header.value(), UTF_8);
    }

    /**
     * A routing decision.
     *
     * @param deployment the deployment that is to answer
     * @param arm whose model is to answer
     * @param modelVersion that model's version
     * @param rollout the active rollout's identifier, or null
     * @param stage the rollout's stage, from 0, or null
     * @param epoch the rollout's epoch, from 1, or null
     * @param mirrored whether the answer is for comparison only
     * @param routedAt when it was decided, milliseconds since 1970, or null when it is being made
     */
    public record Route(
            String deployment,
            Arm arm,
            String modelVersion,
            String rollout,
            Integer stage,
            Integer epoch,
            boolean mirrored,
            Long routedAt) {}
}

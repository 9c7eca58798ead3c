package io.understudy.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Writes the routing decision on a lane, as one header of text that a program in any language can read:
 * {@code deployment=d;arm=CANDIDATE;version=v2;rollout=d-v2-2;stage=0;epoch=1;mirrored=true;routed-at=1700000000000}. Outside a rollout
 * the fields from rollout to mirrored are left out. Headers that upstream sent under our prefix are dropped: a caller does not choose
 * its arm.
 *
 * <p>One header and not eight: a producer measures each header's key three times, which was the largest single item in the router's
 * profile.
 */
public final class RouteHeader {

    /** The prefix of all our header names. */
    public static final String PREFIX = "understudy-";

    /** The header's name. */
    public static final String NAME = PREFIX + "route";

    static final String ROUTED_AT = ";routed-at=";

    private final byte[] fixed;

    /** The header for every record that is routed by {@code route}; only the time differs. */
    public RouteHeader(Route route) {
        StringBuilder text = new StringBuilder()
                .append("deployment=")
                .append(route.deployment())
                .append(";arm=")
                .append(route.arm())
                .append(";version=")
                .append(route.modelVersion());
        route.part()
                .ifPresent(part -> text.append(";rollout=")
                        .append(part.rollout())
                        .append(";stage=")
                        .append(part.stage())
                        .append(";epoch=")
                        .append(part.epoch())
                        .append(";mirrored=")
                        .append(route.isMirrored()));
        route.maxAgeMillis().ifPresent(millis -> text.append(";max-age=").append(millis));
        route.standsInFor().ifPresent(status -> text.append(";fallback=").append(status));
        this.fixed = text.append(ROUTED_AT).toString().getBytes(UTF_8);
    }

    /**
     * The received headers without any of ours, then the decision.
     *
     * @param routedAt when it was decided, from {@link #time}
     */
    public Headers stamp(Headers received, byte[] routedAt) {
        byte[] value = Arrays.copyOf(fixed, fixed.length + routedAt.length);
        System.arraycopy(routedAt, 0, value, fixed.length, routedAt.length);
        RecordHeaders stamped = new RecordHeaders();
        copyForeign(received, stamped);
        stamped.add(new RecordHeader(NAME, value));
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

    /** A time, milliseconds since 1970, as the header has it. */
    public static byte[] time(long millis) {
        return Long.toString(millis).getBytes(US_ASCII);
    }
}

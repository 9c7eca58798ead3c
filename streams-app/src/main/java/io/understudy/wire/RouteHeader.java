package io.understudy.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Writes the routing decision to the records on a lane, as one text header that programs in all languages can read:
 * {@code deployment=d;arm=CANDIDATE;version=v2;scorer=external;rollout=d-v2-2;stage=0;epoch=1;mirrored=true;received-at=1700000000000;routed-at=1700000000005}.
 * Outside a rollout, the fields from rollout to mirrored are omitted. Received headers with the prefix {@value #PREFIX}
 * are dropped, so a caller cannot choose its arm.
 *
 * <p>There is one header instead of eight, because a producer measures the key of each header three times. This was the
 * largest single item in the router's profile.
 */
public final class RouteHeader {

    /** The prefix of the names of all headers that Understudy writes. */
    public static final String PREFIX = "understudy-";

    /** The name of the routing header. */
    public static final String NAME = PREFIX + "route";

    static final String RECEIVED_AT = ";received-at=";
    static final String ROUTED_AT = ";routed-at=";

    private final byte[] fixed;

    /** Creates the header for all records with the decision {@code route}; only the times differ. */
    public RouteHeader(Route route) {
        StringBuilder text = new StringBuilder()
                .append("deployment=")
                .append(route.deployment())
                .append(";arm=")
                .append(route.arm())
                .append(";version=")
                .append(route.modelVersion());
        route.scorer().ifPresent(scorer -> text.append(";scorer=").append(scorer.code()));
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
        route.fallbackStatus().ifPresent(status -> text.append(";fallback=").append(status));
        this.fixed = text.toString().getBytes(UTF_8);
    }

    /**
     * Returns the received headers without those that have the prefix {@value #PREFIX}, followed by the decision.
     *
     * @param times times of the request, from {@link #encodeTimes}
     */
    public Headers stamp(Headers received, byte[] times) {
        byte[] value = Arrays.copyOf(fixed, fixed.length + times.length);
        System.arraycopy(times, 0, value, fixed.length, times.length);
        RecordHeaders stamped = new RecordHeaders();
        copyForeign(received, stamped);
        stamped.add(new RecordHeader(NAME, value));
        return stamped;
    }

    /** Copies the headers that do not have the prefix {@value #PREFIX}. */
    static void copyForeign(Headers from, Headers to) {
        for (Header header : from) {
            if (!header.key().startsWith(PREFIX)) {
                to.add(header);
            }
        }
    }

    /**
     * Encodes the times of a request for the header, in milliseconds since 1970.
     *
     * @param receivedAt time that its sender gave it
     * @param routedAt time of the decision
     */
    public static byte[] encodeTimes(long receivedAt, long routedAt) {
        return (RECEIVED_AT + receivedAt + ROUTED_AT + routedAt).getBytes(US_ASCII);
    }
}

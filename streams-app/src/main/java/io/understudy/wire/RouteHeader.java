package io.understudy.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Arm;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The routing decision on a lane, as one header of text that a program in any language can read:
 * {@code deployment=d;arm=CANDIDATE;version=v2;rollout=d-v2-2;stage=0;epoch=1;mirrored=true;routed-at=1700000000000}; without a
 * rollout the fields from rollout to mirrored are left out. Whatever upstream sent under our prefix is dropped: a caller does
 * not choose its arm.
 *
 * <p>One header and not eight: a producer measures each header's key three times over, which was the largest single item in
 * the router's profile.
 */
public final class RouteHeader {

    /** What the names of all our headers begin with. */
    public static final String PREFIX = "understudy-";

    /** The header's name. */
    public static final String NAME = PREFIX + "route";

    private static final String ROUTED_AT = ";routed-at=";

    private final byte[] fixed;

    /** The header of every record that goes the way of {@code route}; only the time differs. */
    public RouteHeader(Route route) {
        StringBuilder text = new StringBuilder()
                .append("deployment=")
                .append(route.deployment())
                .append(";arm=")
                .append(route.arm())
                .append(";version=")
                .append(route.modelVersion());
        if (route.rollout() != null) {
            text.append(";rollout=")
                    .append(route.rollout())
                    .append(";stage=")
                    .append(route.stage())
                    .append(";epoch=")
                    .append(route.epoch())
                    .append(";mirrored=")
                    .append(route.mirrored());
            if (route.maxAgeMillis() != null) {
                text.append(";max-age=").append(route.maxAgeMillis());
            }
            if (route.fallback() != null) {
                text.append(";fallback=").append(route.fallback());
            }
        }
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
     * @param maxAgeMillis how long after it was routed the request may still be scored, milliseconds, or null
     * @param fallback how the candidate's answer ended that the existing model is to stand in for, or null
     */
    public record Route(
            String deployment,
            Arm arm,
            String modelVersion,
            String rollout,
            Integer stage,
            Integer epoch,
            boolean mirrored,
            Long maxAgeMillis,
            PredictionStatus fallback) {

        /** A decision outside any rollout. */
        public static Route outside(String deployment, String modelVersion) {
            return new Route(deployment, Arm.EXISTING, modelVersion, null, null, null, false, null, null);
        }

        /** A decision within a rollout: one of its models answers, and is served. */
        public static Route served(String deployment, Arm arm, String modelVersion, Rollout rollout) {
            return within(deployment, arm, modelVersion, rollout, false, null);
        }

        /** A decision within a rollout: the candidate answers for comparison only. */
        public static Route mirrored(String deployment, Rollout rollout) {
            return within(
                    deployment,
                    Arm.CANDIDATE,
                    rollout.getCandidate().getVersion(),
                    rollout,
                    true,
                    rollout.getMirrorMaxAgeMs());
        }

        private static Route within(
                String deployment, Arm arm, String version, Rollout rollout, boolean mirrored, Long maxAgeMillis) {
            return new Route(
                    deployment,
                    arm,
                    version,
                    rollout.getId(),
                    rollout.getStage(),
                    rollout.getEpoch(),
                    mirrored,
                    maxAgeMillis,
                    null);
        }
    }

    /**
     * A decision that was stamped.
     *
     * @param route the decision
     * @param at when it was made, milliseconds since 1970
     */
    public record Routed(Route route, long at) {}

    /** Reads decisions back; remembers the few that there are. Safe for one thread at a time. */
    public static final class Reader {

        /** Routes are as many as models under way; beyond this somebody is playing with the header. */
        private static final int MOST_REMEMBERED = 10_000;

        private final Map<String, Route> routes = new HashMap<>();

        /**
         * The decision on a record.
         *
         * @throws UnusableRecordException when the record did not pass the router
         */
        public Routed read(Headers headers) throws UnusableRecordException {
            Header header = headers.lastHeader(NAME);
            if (header == null || header.value() == null) {
                throw new UnusableRecordException(
                        DeadLetterReason.MALFORMED,
                        "the record has no header " + NAME + "; only the router writes to a lane");
            }
            String text = new String(header.value(), UTF_8);
            int cut = text.lastIndexOf(ROUTED_AT);
            try {
                long at = Long.parseLong(text, cut + ROUTED_AT.length(), text.length(), 10);
                String decision = text.substring(0, cut);
                Route route = routes.get(decision);
                if (route == null) {
                    route = parse(decision);
                    if (routes.size() < MOST_REMEMBERED) {
                        routes.put(decision, route);
                    }
                }
                return new Routed(route, at);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new UnusableRecordException(
                        DeadLetterReason.MALFORMED, "the header " + NAME + " is garbled: " + e.getMessage());
            }
        }

        private static Route parse(String decision) {
            Map<String, String> fields = new HashMap<>();
            for (String field : decision.split(";")) {
                String[] parts = field.split("=", 2);
                fields.put(parts[0], parts[1]);
            }
            if (!fields.containsKey("deployment") || !fields.containsKey("version")) {
                throw new IllegalArgumentException("deployment or version is missing");
            }
            boolean rollout = fields.containsKey("rollout");
            return new Route(
                    fields.get("deployment"),
                    Arm.valueOf(fields.get("arm")),
                    fields.get("version"),
                    fields.get("rollout"),
                    rollout ? Integer.valueOf(fields.get("stage")) : null,
                    rollout ? Integer.valueOf(fields.get("epoch")) : null,
                    Boolean.parseBoolean(fields.get("mirrored")),
                    fields.containsKey("max-age") ? Long.valueOf(fields.get("max-age")) : null,
                    fields.containsKey("fallback") ? PredictionStatus.valueOf(fields.get("fallback")) : null);
        }
    }
}

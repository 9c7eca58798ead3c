package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Arm;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.Route.Scorer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Reads the decisions that {@link RouteHeader} wrote. It caches them, because there are few different ones. For one
 * thread.
 */
public final class RouteHeaderReader {

    /**
     * The maximum number of cached routes. There are normally about as many as models; only forged headers cause more.
     */
    private static final int MAX_CACHED = 10_000;

    private final Map<String, Route> routes = new HashMap<>();

    /**
     * Reads the decision for a record.
     *
     * @throws UnusableRecordException if the header is missing or malformed
     */
    public Routed read(Headers headers) throws UnusableRecordException {
        Header header = headers.lastHeader(RouteHeader.NAME);
        if (header == null || header.value() == null) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED,
                    "the record has no header " + RouteHeader.NAME + "; only the router writes to a lane");
        }
        String text = new String(header.value(), UTF_8);
        int routed = text.lastIndexOf(RouteHeader.ROUTED_AT);
        // A router of an earlier version does not write this one.
        int received = text.lastIndexOf(RouteHeader.RECEIVED_AT, routed);
        try {
            long routedAt = time(text, routed, RouteHeader.ROUTED_AT, text.length());
            return received < 0
                    ? new Routed(route(text.substring(0, routed)), Optional.empty(), routedAt)
                    : new Routed(
                            route(text.substring(0, received)),
                            Optional.of(time(text, received, RouteHeader.RECEIVED_AT, routed)),
                            routedAt);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED, "the header " + RouteHeader.NAME + " is malformed: " + e.getMessage());
        }
    }

    private static long time(String text, int field, String name, int end) {
        long time = Long.parseLong(text, field + name.length(), end, 10);
        if (time < 0) {
            throw new IllegalArgumentException("the time " + time + " is negative");
        }
        return time;
    }

    private Route route(String decision) {
        Route cached = routes.get(decision);
        if (cached != null) {
            return cached;
        }
        Route route = parse(decision);
        if (routes.size() < MAX_CACHED) {
            routes.put(decision, route);
        }
        return route;
    }

    private static Route parse(String decision) {
        Map<String, String> fields = new HashMap<>();
        for (String field : decision.split(";", 0)) {
            String[] parts = field.split("=", 2);
            fields.put(parts[0], parts[1]);
        }
        return new Route(
                required(fields, "deployment"),
                Arm.valueOf(required(fields, "arm")),
                required(fields, "version"),
                Optional.ofNullable(fields.get("scorer")).map(RouteHeaderReader::scorer),
                Optional.ofNullable(fields.get("rollout"))
                        .map(rollout -> new Part(
                                rollout,
                                Integer.parseInt(required(fields, "stage")),
                                Integer.parseInt(required(fields, "epoch")),
                                purpose(fields))));
    }

    private static Scorer scorer(String code) {
        return Arrays.stream(Scorer.values())
                .filter(scorer -> scorer.code().equals(code))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("scorer is '" + code + "'; allowed: built-in, external"));
    }

    private static Purpose purpose(Map<String, String> fields) {
        if (Boolean.parseBoolean(fields.get("mirrored"))) {
            return new Purpose.Mirror(Optional.ofNullable(fields.get("max-age")).map(Long::valueOf));
        }
        return Optional.ofNullable(fields.get("fallback"))
                .map(PredictionStatus::valueOf)
                .<Purpose>map(Purpose.Fallback::new)
                .orElseGet(Purpose.Serve::new);
    }

    private static String required(Map<String, String> fields, String name) {
        return Optional.ofNullable(fields.get(name))
                .orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
    }
}

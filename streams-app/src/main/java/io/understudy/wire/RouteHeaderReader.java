package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Arm;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Reads the decisions that {@link RouteHeader} wrote, and remembers the few different ones. Safe for one thread at a time. */
public final class RouteHeaderReader {

    /** There are as many routes as models in use; more means that someone is playing with the header. */
    private static final int MOST_REMEMBERED = 10_000;

    private final Map<String, Route> routes = new HashMap<>();

    /**
     * The decision on a record.
     *
     * @throws UnusableRecordException when the record did not pass the router
     */
    public Routed read(Headers headers) throws UnusableRecordException {
        Header header = headers.lastHeader(RouteHeader.NAME);
        if (header == null || header.value() == null) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED,
                    "the record has no header " + RouteHeader.NAME + "; only the router writes to a lane");
        }
        String text = new String(header.value(), UTF_8);
        int cut = text.lastIndexOf(RouteHeader.ROUTED_AT);
        try {
            long at = Long.parseLong(text, cut + RouteHeader.ROUTED_AT.length(), text.length(), 10);
            return new Routed(route(text.substring(0, cut)), at);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new UnusableRecordException(
                    DeadLetterReason.MALFORMED, "the header " + RouteHeader.NAME + " is garbled: " + e.getMessage());
        }
    }

    private Route route(String decision) {
        Route known = routes.get(decision);
        if (known != null) {
            return known;
        }
        Route route = parse(decision);
        if (routes.size() < MOST_REMEMBERED) {
            routes.put(decision, route);
        }
        return route;
    }

    private static Route parse(String decision) {
        Map<String, String> fields = new HashMap<>();
        for (String field : decision.split(";")) {
            String[] parts = field.split("=", 2);
            fields.put(parts[0], parts[1]);
        }
        return new Route(
                required(fields, "deployment"),
                Arm.valueOf(required(fields, "arm")),
                required(fields, "version"),
                Optional.ofNullable(fields.get("rollout"))
                        .map(rollout -> new Part(
                                rollout,
                                Integer.parseInt(required(fields, "stage")),
                                Integer.parseInt(required(fields, "epoch")),
                                purpose(fields))));
    }

    private static Purpose purpose(Map<String, String> fields) {
        if (Boolean.parseBoolean(fields.get("mirrored"))) {
            return new Purpose.Mirror(Optional.ofNullable(fields.get("max-age")).map(Long::valueOf));
        }
        return Optional.ofNullable(fields.get("fallback"))
                .map(PredictionStatus::valueOf)
                .<Purpose>map(Purpose.StandIn::new)
                .orElseGet(Purpose.Serve::new);
    }

    private static String required(Map<String, String> fields, String name) {
        return Optional.ofNullable(fields.get(name))
                .orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
    }
}

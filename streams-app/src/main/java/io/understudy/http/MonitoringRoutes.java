package io.understudy.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.List;

/** {@code /health}, {@code /ready} and {@code /metrics}. */
public final class MonitoringRoutes {

    public static final String HEALTH = "/health";
    public static final String READY = "/ready";
    public static final String METRICS = "/metrics";

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private MonitoringRoutes() {}

    /** Adds the three routes. */
    public static void add(JavalinDefaultRoutingApi routes, Monitored process) {
        routes.get(HEALTH, context -> respond(context, process.health()));
        routes.get(READY, context -> respond(context, readiness(context, process)));
        routes.get(METRICS, context -> context.contentType(PROMETHEUS).result(process.metrics()));
    }

    /**
     * With {@code dependencies=false}, only the roles are checked: a platform that takes a process out of service
     * because a dependency is down makes the outage worse.
     */
    private static List<Check> readiness(Context context, Monitored process) {
        List<Check> checks = new ArrayList<>();
        if (!"false".equals(context.queryParam("dependencies"))) {
            checks.addAll(process.dependencies());
        }
        checks.addAll(process.roles());
        return checks;
    }

    private static void respond(Context context, List<Check> checks) {
        boolean up = checks.stream().allMatch(Check::passes);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("status", up ? "up" : "down");
        ArrayNode results = json.putArray("checks");
        checks.forEach(check -> results.addObject()
                .put("name", check.name())
                .put("status", check.passes() ? "up" : "down")
                .put("detail", check.detail()));
        context.status(up ? OK : UNAVAILABLE)
                .contentType("application/json")
                .header("Cache-Control", "no-store")
                .result(json.toString());
    }
}

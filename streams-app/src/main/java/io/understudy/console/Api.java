package io.understudy.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.understudy.control.ControlJson;
import io.understudy.http.ProblemException;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The routes under {@code /api}. {@code openapi.json} describes their requests and responses. */
final class Api {

    static final String OPENAPI = "/api/openapi.json";

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    private final ControlView view;
    private final CommandDesk desk;
    private final CommandReader reader;
    private final EventStream stream;
    private final Access access;

    Api(ControlView view, CommandDesk desk, EventStream stream, Access access) {
        this.view = view;
        this.desk = desk;
        this.reader = new CommandReader(view);
        this.stream = stream;
        this.access = access;
    }

    void add(JavalinDefaultRoutingApi routes) {
        routes.get("/api/deployments", whenCaughtUp(this::deployments));
        routes.get("/api/deployments/{deployment}", whenCaughtUp(this::deployment));
        routes.post("/api/deployments/{deployment}/commands", this::command);
        routes.get("/api/rollouts/{rollout}", whenCaughtUp(this::rollout));
        routes.get("/api/rollouts/{rollout}/evaluations", whenCaughtUp(this::evaluations));
        routes.get("/api/rollouts/{rollout}/events", whenCaughtUp(this::events));
        routes.get("/api/stream", readOnly(stream::serve));
        routes.get(OPENAPI, Api::openApi);
    }

    /** Answers a request that only reads. */
    private interface ReadHandler {
        void handle(Context context) throws IOException;
    }

    private Handler readOnly(ReadHandler handler) {
        return context -> {
            access.checkRead(context);
            handler.handle(context);
        };
    }

    /**
     * Refuses requests until the control topics have been read: before that, existing deployments would appear to be
     * missing.
     */
    private Handler whenCaughtUp(ReadHandler handler) {
        return readOnly(context -> {
            checkCaughtUp();
            handler.handle(context);
        });
    }

    private void checkCaughtUp() {
        if (!view.isCaughtUp()) {
            throw new ProblemException(UNAVAILABLE, "the control topics are still being read; try again in a moment")
                    .withHeader("Retry-After", "1");
        }
    }

    private void respond(Context context, ObjectNode json) {
        ObjectNode body = ConsoleJson.freshness(view);
        body.setAll(json);
        context.header("Cache-Control", "no-store")
                .contentType("application/json")
                .result(body.toString());
    }

    private void deployments(Context context) {
        ObjectNode json = ConsoleJson.object();
        ArrayNode all = json.putArray("deployments");
        view.states().forEach(state -> all.add(ConsoleJson.deployment(state, view)));
        respond(context, json);
    }

    private void deployment(Context context) {
        String name = context.pathParam("deployment");
        RolloutState state = view.state(name)
                .orElseThrow(() -> new ProblemException(
                        NOT_FOUND, "there is no deployment '" + name + "'; existing deployments: " + names()));
        respond(context, ConsoleJson.deployment(state, view));
    }

    private String names() {
        List<String> names =
                view.states().stream().map(RolloutState::getDeployment).toList();
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private String deploymentOf(String rollout) {
        return view.deploymentOf(rollout)
                .orElseThrow(() -> new ProblemException(
                        NOT_FOUND,
                        "there is no rollout '" + rollout
                                + "'; /api/deployments/{deployment} lists the rollouts of a deployment"));
    }

    private void rollout(Context context) {
        String id = context.pathParam("rollout");
        String deployment = deploymentOf(id);
        RolloutState state = view.lastStateOf(deployment, id)
                .orElseThrow(() ->
                        new ProblemException(NOT_FOUND, "the console no longer has the state of rollout '" + id + "'"));
        ObjectNode json = ConsoleJson.object();
        json.put("deployment", deployment);
        json.setAll((ObjectNode) ControlJson.of(state).get("rollout"));
        json.put("stateVersion", state.getVersion());
        json.put("spec", state.getRollout().getSpec());
        json.set(
                "lastEvaluation",
                view.lastEvaluation(id).map(ConsoleJson::evaluation).orElse(null));
        respond(context, json);
    }

    private void evaluations(Context context) {
        String id = context.pathParam("rollout");
        deploymentOf(id);
        ObjectNode json = ConsoleJson.object();
        ArrayNode all = json.putArray("evaluations");
        view.evaluations(id, parseSince(context.queryParam("since")))
                .forEach(evaluation -> all.add(ConsoleJson.evaluation(evaluation)));
        respond(context, json);
    }

    private static Instant parseSince(@Nullable String text) {
        try {
            return text == null ? Instant.MIN : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new ProblemException(
                    BAD_REQUEST, "since is '" + text + "'; it must be a time such as 2026-03-01T12:00:00Z");
        }
    }

    private void events(Context context) {
        String id = context.pathParam("rollout");
        String deployment = deploymentOf(id);
        ObjectNode json = ConsoleJson.object();
        ArrayNode all = json.putArray("events");
        view.events(deployment).stream()
                .filter(event -> id.equals(event.getRollout()))
                .forEach(event -> all.add(ControlJson.of(event)));
        respond(context, json);
    }

    private void command(Context context) {
        access.checkCommand(context);
        checkCaughtUp();
        RolloutCommand command = reader.read(context.pathParam("deployment"), context);
        // Asynchronous, so that a controller that does not answer cannot block the threads of other requests.
        context.future(() -> desk.send(command)
                .handle((event, failure) -> {
                    if (failure != null) {
                        throw notAnswered(command, failure);
                    }
                    return event;
                })
                .thenAccept(event -> respond(context, event)));
    }

    private static void respond(Context context, RolloutEvent event) {
        if (event.getType() == RolloutEventType.REJECTED) {
            throw new ProblemException(CONFLICT, event.getReason()).with("event", ControlJson.of(event));
        }
        context.header("Cache-Control", "no-store")
                .contentType("application/json")
                .result(ControlJson.of(event).toString());
    }

    private static ProblemException notAnswered(RolloutCommand command, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        ProblemException problem = cause instanceof TimeoutException
                ? new ProblemException(
                        GATEWAY_TIMEOUT,
                        "no controller has answered yet; the command is on its topic and takes effect when a controller runs")
                : new ProblemException(
                        UNAVAILABLE,
                        "the broker did not confirm the command, which may still take effect; send it again with the same id: "
                                + cause.getMessage());
        return problem.with("commandId", TextNode.valueOf(command.getId()));
    }

    private static void openApi(Context context) throws IOException {
        try (InputStream document = Objects.requireNonNull(Api.class.getResourceAsStream("openapi.json"))) {
            context.contentType("application/json").result(document.readAllBytes());
        }
    }
}

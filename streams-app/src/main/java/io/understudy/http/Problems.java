package io.understudy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports every error as a problem document (RFC 9457), never as a stack trace or an error page of the server. */
final class Problems {

    static final String CONTENT_TYPE = "application/problem+json";

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;

    private Problems() {}

    @SuppressWarnings("removal") // Jetty still throws BadMessageException.
    static void add(JavalinDefaultRoutingApi routes) {
        routes.exception(ProblemException.class, (problem, context) -> {
            problem.headers().forEach(context::header);
            respond(context, problem.status(), problem.detail(), problem.members());
        });
        routes.exception(
                HttpResponseException.class,
                (refused, context) -> respond(context, refused.getStatus(), detail(refused), Map.of()));
        // A body that arrives too slowly, is malformed or ends early is the fault of the client.
        routes.exception(
                BadMessageException.class,
                (bad, context) -> respond(context, bad.getCode(), bad.getReason(), Map.of()));
        routes.exception(
                IOException.class,
                (broken, context) ->
                        respond(context, BAD_REQUEST, "the request ended before it was complete", Map.of()));
        routes.exception(Exception.class, (exception, context) -> {
            LOG.error("Request failed: method={} path={}", context.method(), context.path(), exception);
            respond(context, INTERNAL_ERROR, "the request failed; the log of the process says why", Map.of());
        });
    }

    private static String detail(HttpResponseException refused) {
        return switch (refused.getStatus()) {
            case NOT_FOUND -> "there is nothing at this path";
            case METHOD_NOT_ALLOWED -> "this path does not support this method";
            default -> String.valueOf(refused.getMessage());
        };
    }

    private static void respond(Context context, int status, String detail, Map<String, JsonNode> members) {
        context.status(status).contentType(CONTENT_TYPE).result(document(status, detail, members));
    }

    private static String document(int status, String detail, Map<String, JsonNode> members) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("type", "about:blank");
        document.put("title", HttpStatus.forStatus(status).getMessage());
        document.put("status", status);
        document.put("detail", detail);
        members.forEach(document::set);
        return document.toString();
    }

    /**
     * For requests that the server refuses before it looks for a route: ambiguous paths, headers that are too large.
     */
    static final class ServerErrors extends ErrorHandler {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, CONTENT_TYPE);
            Object message = request.getAttribute(ERROR_MESSAGE);
            byte[] document = document(
                            response.getStatus(),
                            message == null ? "the request was refused" : message.toString(),
                            Map.of())
                    .getBytes(UTF_8);
            response.write(true, ByteBuffer.wrap(document), callback);
            return true;
        }
    }
}

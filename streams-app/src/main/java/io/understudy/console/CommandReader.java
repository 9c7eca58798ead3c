package io.understudy.console;

import io.javalin.http.Context;
import io.understudy.http.ProblemException;
import io.understudy.rollout.RejectedCommandException;
import io.understudy.rollout.StageMove;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.spec.InvalidSpecException;
import io.understudy.spec.SpecNode;
import io.understudy.spec.SpecText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command from a request. The body is a document in JSON or YAML with the fields {@code verb}, {@code actor},
 * {@code reason} and so on. When the query contains {@code verb=start} or {@code verb=deploy}, the body is the rollout
 * or deployment itself, and the query contains the other fields.
 */
final class CommandReader {

    private static final int BAD_REQUEST = 400;
    private static final int CONFLICT = 409;
    private static final int UNSUPPORTED = 415;

    private static final String[] FIELDS = {
        "verb", "actor", "reason", "id", "expectedVersion", "rollout", "stage", "spec", "force"
    };

    private static final Set<String> QUERY_PARAMETERS =
            Set.of("verb", "actor", "reason", "id", "expectedVersion", "force");

    /** The verbs of the API: the same as those of the command line. */
    private enum Verb {
        DEPLOY,
        START,
        PAUSE,
        RESUME,
        ADVANCE,
        BACK,
        APPROVE,
        PROMOTE,
        ABORT,
        RETRY
    }

    private final ControlView view;

    CommandReader(ControlView view) {
        this.view = view;
    }

    /**
     * Reads the command in a request.
     *
     * @throws ProblemException when the request is not a valid command; the problem lists every fault
     */
    RolloutCommand read(String deployment, Context context) {
        String body = body(context);
        boolean json = isJson(context.contentType());
        try {
            if (!context.queryParamMap().isEmpty()) {
                return read(deployment, context.queryParamMap(), body);
            }
            Function<SpecNode, RolloutCommand> reader = root -> read(deployment, root);
            return json ? SpecText.readJson(body, reader) : SpecText.read(body, reader);
        } catch (InvalidSpecException e) {
            ProblemException problem = new ProblemException(BAD_REQUEST, String.valueOf(e.getMessage()));
            throw problem.with("faults", ConsoleJson.texts(e.faults()));
        } catch (RejectedCommandException e) {
            throw new ProblemException(CONFLICT, String.valueOf(e.getMessage()));
        }
    }

    private static String body(Context context) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(context.bodyAsBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(BAD_REQUEST, "the body is not UTF-8");
        }
    }

    private static boolean isJson(@Nullable String contentType) {
        String type =
                contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/json" -> true;
            case "application/yaml", "application/x-yaml", "text/yaml" -> false;
            default ->
                throw new ProblemException(
                        UNSUPPORTED,
                        "Content-Type is " + (type.isEmpty() ? "missing" : "'" + type + "'")
                                + "; it must be application/json or application/yaml");
        };
    }

    private static RolloutCommand read(String deployment, Map<String, List<String>> query, String body) {
        Set<String> unknown = new TreeSet<>(query.keySet());
        unknown.removeAll(QUERY_PARAMETERS);
        if (!unknown.isEmpty()) {
            throw new ProblemException(
                    BAD_REQUEST,
                    "unknown query parameters: " + String.join(", ", unknown) + "; allowed: "
                            + String.join(", ", new TreeSet<>(QUERY_PARAMETERS)));
        }
        String verb = query.getOrDefault("verb", List.of("")).get(0);
        if (!Set.of("start", "deploy").contains(verb)) {
            throw new ProblemException(
                    BAD_REQUEST,
                    "verb in the query is '" + verb
                            + "'; it must be start or deploy, and the body must be the rollout or"
                            + " the deployment; send any other command as a document with a verb, without a query");
        }
        RolloutCommand.Builder command = command(deployment)
                .setVerb(RolloutVerb.valueOf(verb.toUpperCase(Locale.ROOT)))
                .setSpec(body);
        first(query, "actor").ifPresent(command::setActor);
        first(query, "reason").ifPresent(command::setReason);
        first(query, "id").ifPresent(command::setId);
        first(query, "expectedVersion").map(CommandReader::wholeNumber).ifPresent(command::setExpectedVersion);
        first(query, "force").map(CommandReader::truth).ifPresent(command::setForce);
        return command.build();
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new ProblemException(BAD_REQUEST, "force is '" + text + "'; it must be true or false");
        };
    }

    private static Optional<String> first(Map<String, List<String>> query, String name) {
        return Optional.ofNullable(query.get(name)).map(values -> values.get(0));
    }

    private static long wholeNumber(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProblemException(BAD_REQUEST, "expectedVersion is '" + text + "'; it must be a whole number");
        }
    }

    private RolloutCommand read(String deployment, SpecNode root) {
        root.mapping(FIELDS);
        Verb verb = root.child("verb").oneOf(List.of(Verb.values()));
        RolloutCommand.Builder command = command(deployment);
        root.child("actor").optional().map(SpecNode::text).ifPresent(command::setActor);
        root.child("reason").optional().map(SpecNode::text).ifPresent(command::setReason);
        root.child("id").optional().map(SpecNode::text).ifPresent(command::setId);
        root.child("rollout").optional().map(SpecNode::text).ifPresent(command::setRollout);
        root.child("expectedVersion").optional().map(SpecNode::wholeNumber).ifPresent(command::setExpectedVersion);
        root.child("force").optional().map(SpecNode::truth).ifPresent(command::setForce);
        Optional<Integer> stage =
                root.child("stage").optional().map(node -> (int) Math.min(Integer.MAX_VALUE, node.wholeNumber()));
        if (verb == Verb.START || verb == Verb.DEPLOY) {
            command.setSpec(root.child("spec").document());
        } else {
            root.forbid("only start and deploy have a spec", "spec");
        }
        if (verb != Verb.ADVANCE && verb != Verb.BACK) {
            root.forbid("only advance and back go to a stage", "stage");
        }
        setVerb(command, verb, stage);
        return command.build();
    }

    private void setVerb(RolloutCommand.Builder command, Verb verb, Optional<Integer> stage) {
        switch (verb) {
            case ADVANCE, BACK -> {
                StageMove move = verb == Verb.BACK ? StageMove.BACK : StageMove.ADVANCE;
                command.setVerb(RolloutVerb.ADVANCE);
                if (!move.isResolvedByController(stage)) {
                    Optional<RolloutState> state = view.state(command.getDeployment());
                    move.resolve(command, state, stage);
                }
            }
            case DEPLOY, START, PAUSE, RESUME, APPROVE, PROMOTE, ABORT, RETRY ->
                command.setVerb(RolloutVerb.valueOf(verb.name()));
        }
    }

    private static RolloutCommand.Builder command(String deployment) {
        return RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment(deployment)
                .setActor("console")
                .setIssuedAt(Instant.now());
    }
}

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

/**
 * Reads a command from a request: a document with the fields {@code verb}, {@code actor}, {@code reason}, ... in JSON or YAML; or, where
 * the query says {@code verb=start} or {@code verb=deploy}, the rollout or deployment itself, with the rest in the query.
 */
final class CommandReader {

    private static final int BAD_REQUEST = 400;
    private static final int CONFLICT = 409;
    private static final int UNSUPPORTED = 415;

    private static final String[] FIELDS = {
        "verb", "actor", "reason", "id", "expectedVersion", "rollout", "stage", "spec"
    };

    private static final Set<String> IN_QUERY = Set.of("verb", "actor", "reason", "id", "expectedVersion");

    /** What the command line can do. */
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
     * The command that a request is.
     *
     * @throws ProblemException when it is none, with every fault
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
            ProblemException problem = new ProblemException(BAD_REQUEST, e.getMessage());
            throw problem.with("faults", ConsoleJson.texts(e.faults()));
        } catch (RejectedCommandException e) {
            throw new ProblemException(CONFLICT, e.getMessage());
        }
    }

    private static String body(Context context) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(context.bodyAsBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(BAD_REQUEST, "the body is no UTF-8");
        }
    }

    private static boolean isJson(String contentType) {
        String type =
                contentType == null ? "" : contentType.split(";")[0].strip().toLowerCase(Locale.ROOT);
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

    private RolloutCommand read(String deployment, Map<String, List<String>> query, String body) {
        Set<String> unknown = new TreeSet<>(query.keySet());
        unknown.removeAll(IN_QUERY);
        if (!unknown.isEmpty()) {
            throw new ProblemException(
                    BAD_REQUEST,
                    "unknown in the query: " + String.join(", ", unknown) + "; allowed: "
                            + String.join(", ", new TreeSet<>(IN_QUERY)));
        }
        String verb = query.getOrDefault("verb", List.of("")).get(0);
        if (!Set.of("start", "deploy").contains(verb)) {
            throw new ProblemException(
                    BAD_REQUEST,
                    "verb in the query is '" + verb + "'; it must be start or deploy, whose body is the rollout or the"
                            + " deployment; any other command is a document with a verb");
        }
        RolloutCommand.Builder command = command(deployment)
                .setVerb(RolloutVerb.valueOf(verb.toUpperCase(Locale.ROOT)))
                .setSpec(body);
        first(query, "actor").ifPresent(command::setActor);
        first(query, "reason").ifPresent(command::setReason);
        first(query, "id").ifPresent(command::setId);
        first(query, "expectedVersion").map(CommandReader::whole).ifPresent(command::setExpectedVersion);
        return command.build();
    }

    private static Optional<String> first(Map<String, List<String>> query, String name) {
        return Optional.ofNullable(query.get(name)).map(values -> values.get(0));
    }

    private static long whole(String text) {
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
        root.child("actor").ifPresent().map(SpecNode::text).ifPresent(command::setActor);
        root.child("reason").ifPresent().map(SpecNode::text).ifPresent(command::setReason);
        root.child("id").ifPresent().map(SpecNode::text).ifPresent(command::setId);
        root.child("rollout").ifPresent().map(SpecNode::text).ifPresent(command::setRollout);
        root.child("expectedVersion").ifPresent().map(SpecNode::whole).ifPresent(command::setExpectedVersion);
        Optional<Integer> stage =
                root.child("stage").ifPresent().map(node -> (int) Math.min(Integer.MAX_VALUE, node.whole()));
        boolean described = verb == Verb.START || verb == Verb.DEPLOY;
        if (described) {
            command.setSpec(root.child("spec").document());
        } else {
            root.without("only start and deploy have one", "spec");
        }
        if (verb != Verb.ADVANCE && verb != Verb.BACK) {
            root.without("only advance and back go to a stage", "stage");
        }
        aim(command, verb, stage);
        return command.build();
    }

    private void aim(RolloutCommand.Builder command, Verb verb, Optional<Integer> stage) {
        switch (verb) {
            case ADVANCE, BACK -> {
                StageMove move = verb == Verb.BACK ? StageMove.BACK : StageMove.ADVANCE;
                command.setVerb(RolloutVerb.ADVANCE);
                if (!move.isPlain(stage)) {
                    Optional<RolloutState> state = view.state(command.getDeployment());
                    move.aim(command, state, stage);
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

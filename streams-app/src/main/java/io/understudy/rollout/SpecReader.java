package io.understudy.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.understudy.assignment.Buckets;
import io.understudy.schema.Model;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.ScorerKind;
import io.understudy.schema.Stage;
import io.understudy.schema.StageKind;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads what people write: deployments and rollouts as YAML, validated as a whole. */
public final class SpecReader {

    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final String NAME_IN_WORDS =
            "1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit";
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");

    private static final long LONGEST_DEADLINE_MILLIS = 60_000;
    private static final int HIGHEST_PORT = 65_535;

    private SpecReader() {}

    /**
     * Reads a deployment: {@code deployment} and {@code existing: {version, scorer}}.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static DeploymentSpec deployment(String yaml) {
        return read(yaml, root -> {
            root.mapping("deployment", "existing");
            return new DeploymentSpec(
                    root.child("deployment").text(NAME, NAME_IN_WORDS), model(root.child("existing")));
        });
    }

    /**
     * Reads a rollout: {@code deployment}, {@code candidate: {version, scorer}}, {@code unit}, {@code salt} and {@code stages}.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static RolloutSpec rollout(String yaml) {
        return read(yaml, root -> {
            root.mapping("deployment", "candidate", "unit", "salt", "stages");
            return new RolloutSpec(
                    root.child("deployment").text(NAME, NAME_IN_WORDS),
                    model(root.child("candidate")),
                    root.child("unit")
                            .ifPresent()
                            .map(unit -> unit.oneOf(List.of(RandomisationUnit.KEY, RandomisationUnit.REQUEST)))
                            .orElse(RandomisationUnit.KEY),
                    root.child("salt").ifPresent().map(SpecNode::text),
                    root.child("stages").elements((stage, index) -> stage(stage)),
                    yaml);
        });
    }

    private static <T> T read(String yaml, Function<SpecNode, T> reader) {
        List<String> faults = new ArrayList<>();
        JsonNode document;
        try {
            document = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new InvalidSpecException(
                    List.of("the document: no valid YAML" + where + ": " + e.getOriginalMessage()));
        }
        SpecNode root = new SpecNode("", document == null ? MissingNode.getInstance() : document, faults);
        T spec = reader.apply(root);
        if (!faults.isEmpty()) {
            throw new InvalidSpecException(faults);
        }
        return spec;
    }

    private static Stage stage(SpecNode node) {
        node.mapping("kind", "mirror");
        StageKind kind = node.child("kind").oneOf(List.of(StageKind.SHADOW));
        SpecNode mirror = node.child("mirror");
        int share = mirror.ifPresent().map(SpecNode::share).orElse(Buckets.COUNT);
        if (share == 0) {
            mirror.fault("a shadow stage without a mirror compares nothing; it must be over 0%");
        }
        return Stage.newBuilder().setKind(kind).setShare(0).setMirror(share).build();
    }

    private static Model model(SpecNode node) {
        node.mapping("version", "scorer");
        String version = node.child("version").text(NAME, NAME_IN_WORDS);
        SpecNode scorer = node.child("scorer");
        if (!scorer.isPresent()) {
            scorer.fault("is missing");
            return Model.newBuilder()
                    .setVersion(version)
                    .setScorer(ScorerKind.EXTERNAL)
                    .build();
        }
        scorer.mapping("kind", "model", "sha256", "features", "output", "url", "deadline");
        ScorerKind kind =
                scorer.child("kind").oneOf(List.of(ScorerKind.ONNX, ScorerKind.OPEN_INFERENCE, ScorerKind.EXTERNAL));
        Model.Builder model = Model.newBuilder().setVersion(version).setScorer(kind);
        switch (kind) {
            case ONNX -> onnx(scorer, model);
            case OPEN_INFERENCE -> openInference(scorer, model);
            case EXTERNAL ->
                scorer.without(
                        "does not apply to a model that an external program runs",
                        "model",
                        "sha256",
                        "features",
                        "output",
                        "url",
                        "deadline");
            case UNKNOWN -> throw new IllegalStateException("not among the kinds that can be read");
        }
        return model.build();
    }

    private static void onnx(SpecNode scorer, Model.Builder model) {
        scorer.without("does not apply to a model that runs in the scorer's process", "url", "deadline");
        model.setLocation(scorer.child("model").text());
        scorer.child("sha256")
                .ifPresent()
                .ifPresent(sha -> model.setSha256(
                        sha.text(SHA_256, "64 hexadecimal digits").toLowerCase()));
        inputsAndOutput(scorer, model);
    }

    private static void openInference(SpecNode scorer, Model.Builder model) {
        scorer.without("does not apply to a model on an inference server", "sha256");
        model.setModelName(scorer.child("model").text(NAME, NAME_IN_WORDS));
        SpecNode url = scorer.child("url");
        String text = url.text();
        if (!text.isEmpty() && !isHttp(text)) {
            url.fault("'" + text + "' is no http:// or https:// address");
        }
        model.setLocation(text);
        scorer.child("deadline").ifPresent().ifPresent(deadline -> model.setDeadlineMs(deadline(deadline)));
        inputsAndOutput(scorer, model);
    }

    private static long deadline(SpecNode node) {
        long millis = node.durationMillis();
        if (millis > LONGEST_DEADLINE_MILLIS) {
            node.fault("is longer than 1m; a lane must not wait so long for one answer");
        }
        return millis;
    }

    private static void inputsAndOutput(SpecNode scorer, Model.Builder model) {
        scorer.child("features")
                .ifPresent()
                .ifPresent(features -> model.setFeatures(features.elements((feature, index) -> feature.text())));
        scorer.child("output").ifPresent().ifPresent(output -> model.setOutput(output.text()));
    }

    private static boolean isHttp(String text) {
        try {
            URI uri = URI.create(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= HIGHEST_PORT;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

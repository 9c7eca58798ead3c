package io.understudy.plan;

import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import io.understudy.spec.SpecNode;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads a model: its version, and the scorer that runs it. {@link SpecReader} calls it for deployments and rollouts.
 */
final class ModelReader {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");
    private static final long MAX_DEADLINE_MILLIS = 60_000;
    private static final int MAX_NAME_LENGTH = 200;
    private static final int MAX_PORT = 65_535;

    private ModelReader() {}

    static Model read(SpecNode node) {
        node.mapping("version", "lane", "scorer");
        String version = node.child("version").text(Names.PATTERN, Names.DESCRIPTION);
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
        node.child("lane")
                .optional()
                .ifPresent(lane -> model.setLane(lane.text(Names.LANE_PATTERN, Names.LANE_DESCRIPTION)));
        switch (kind) {
            case ONNX -> onnx(scorer, model);
            case OPEN_INFERENCE -> openInference(scorer, model);
            case EXTERNAL ->
                scorer.forbid(
                        "does not apply to a model that an external program runs",
                        "model",
                        "sha256",
                        "features",
                        "output",
                        "url",
                        "deadline");
            case UNKNOWN -> throw new IllegalStateException("UNKNOWN is not among the allowed kinds");
        }
        return model.build();
    }

    private static void onnx(SpecNode scorer, Model.Builder model) {
        scorer.forbid("does not apply to a model that runs in the scorer's process", "url", "deadline");
        model.setLocation(scorer.child("model").text());
        scorer.child("sha256")
                .optional()
                .ifPresent(sha -> model.setSha256(
                        sha.text(SHA_256, "64 hexadecimal digits").toLowerCase(Locale.ROOT)));
        inputsAndOutput(scorer, model);
    }

    private static void openInference(SpecNode scorer, Model.Builder model) {
        scorer.forbid("does not apply to a model on an inference server", "sha256");
        model.setModelName(scorer.child("model").text(Names.PATTERN, Names.DESCRIPTION));
        SpecNode url = scorer.child("url");
        String text = url.text();
        if (!text.isEmpty() && !isHttp(text)) {
            url.fault("'" + text + "' is not an http:// or https:// address");
        } else if (!text.isEmpty() && URI.create(text).getRawUserInfo() != null) {
            // Every reader of the state, and every log, would see it.
            url.fault("must not have a user or a password before the host");
        }
        model.setLocation(text);
        scorer.child("deadline").optional().ifPresent(deadline -> model.setDeadlineMs(deadlineMillis(deadline)));
        inputsAndOutput(scorer, model);
    }

    /** A deadline for one answer, in milliseconds. */
    static long deadlineMillis(SpecNode node) {
        long millis = node.durationMillis();
        if (millis > MAX_DEADLINE_MILLIS) {
            node.fault("is longer than 1m; a lane must not wait that long for one answer");
        }
        return millis;
    }

    private static void inputsAndOutput(SpecNode scorer, Model.Builder model) {
        scorer.child("features")
                .optional()
                .ifPresent(features ->
                        model.setFeatures(features.elements((feature, index) -> feature.text(MAX_NAME_LENGTH))));
        scorer.child("output").optional().ifPresent(output -> model.setOutput(output.text(MAX_NAME_LENGTH)));
    }

    private static boolean isHttp(String text) {
        try {
            URI uri = URI.create(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= MAX_PORT;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

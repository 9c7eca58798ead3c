package io.understudy.rollout;

import io.understudy.assignment.Buckets;
import io.understudy.evidence.EvidencePlan;
import io.understudy.evidence.StagePlan;
import io.understudy.schema.Breaker;
import io.understudy.schema.Model;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScorerKind;
import io.understudy.schema.Stage;
import io.understudy.spec.InvalidSpecException;
import io.understudy.spec.SpecNode;
import io.understudy.spec.SpecText;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what people write: deployments and rollouts as YAML, validated as a whole. */
public final class SpecReader {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final String NAME_IN_WORDS =
            "1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit";
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");

    private static final long LONGEST_DEADLINE_MILLIS = 60_000;
    private static final int HIGHEST_PORT = 65_535;

    private static final Duration USUAL_DEADLINE = Duration.ofSeconds(1);
    private static final Duration USUAL_MIRROR_MAX_AGE = Duration.ofMinutes(1);
    private static final Breaker USUAL_BREAKER = usualBreaker();

    private static final String[] FIELDS = {
        "deployment",
        "candidate",
        "unit",
        "salt",
        "metrics",
        "stages",
        "fallback",
        "mirror",
        "window",
        "outcome-window",
        "alpha",
        "alpha-abort",
        "policies"
    };

    private SpecReader() {}

    private static Breaker usualBreaker() {
        SchemaClasses.trust();
        return Breaker.newBuilder()
                .setErrors(Buckets.COUNT / 2)
                .setTimeouts(Buckets.COUNT / 2)
                .setWindowMs(10_000)
                .setMinimum(20)
                .build();
    }

    /**
     * Reads a deployment: {@code deployment} and {@code existing: {version, scorer}}.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static DeploymentSpec deployment(String yaml) {
        return SpecText.read(yaml, root -> {
            root.mapping("deployment", "existing");
            return new DeploymentSpec(
                    root.child("deployment").text(NAME, NAME_IN_WORDS), model(root.child("existing")));
        });
    }

    /**
     * Reads a rollout: {@code deployment}, {@code candidate: {version, scorer}}, {@code unit}, {@code salt}, {@code stages}, and how it
     * is judged.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static RolloutSpec rollout(String yaml) {
        return SpecText.read(yaml, root -> {
            root.mapping(FIELDS);
            String deployment = root.child("deployment").text(NAME, NAME_IN_WORDS);
            Model candidate = model(root.child("candidate"));
            EvidencePlan evidence = EvidenceReader.read(root);
            return new RolloutSpec(
                    deployment,
                    candidate,
                    evidence.unit(),
                    root.child("salt").ifPresent().map(SpecNode::text),
                    evidence.stages().stream().map(SpecReader::stage).toList(),
                    evidence,
                    fallback(root.child("fallback")),
                    mirrorMaxAge(root.child("mirror")),
                    approval(root.child("policies")),
                    yaml);
        });
    }

    private static FallbackPlan fallback(SpecNode node) {
        if (!node.isPresent()) {
            return new FallbackPlan(USUAL_DEADLINE, Optional.of(USUAL_BREAKER));
        }
        node.mapping("deadline", "breaker");
        return new FallbackPlan(
                node.child("deadline")
                        .ifPresent()
                        .map(deadline -> Duration.ofMillis(deadline(deadline)))
                        .orElse(USUAL_DEADLINE),
                breaker(node.child("breaker")));
    }

    private static Optional<Breaker> breaker(SpecNode node) {
        if (!node.isPresent()) {
            return Optional.of(USUAL_BREAKER);
        }
        if (node.isText("none")) {
            return Optional.empty();
        }
        node.mapping("errors", "timeouts", "window", "minimum");
        Breaker.Builder breaker = Breaker.newBuilder(USUAL_BREAKER);
        node.child("errors").ifPresent().ifPresent(errors -> breaker.setErrors(errors.share()));
        node.child("timeouts").ifPresent().ifPresent(timeouts -> breaker.setTimeouts(timeouts.share()));
        node.child("window").ifPresent().ifPresent(window -> breaker.setWindowMs(window.durationMillis()));
        node.child("minimum").ifPresent().ifPresent(minimum -> breaker.setMinimum(minimum.whole()));
        return Optional.of(breaker.build());
    }

    private static Duration mirrorMaxAge(SpecNode node) {
        return node.ifPresent()
                .map(mirror -> Duration.ofMillis(
                        mirror.mapping("max-age").child("max-age").durationMillis()))
                .orElse(USUAL_MIRROR_MAX_AGE);
    }

    private static Approval approval(SpecNode policies) {
        return policies.child("approval")
                .ifPresent()
                .map(approval -> approval.oneOf(List.of(Approval.values())))
                .orElse(Approval.NONE);
    }

    /**
     * Reads how a rollout is judged, and nothing else of it: there may be no candidate yet when its author wants to know how long a
     * decision would take.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static EvidencePlan evidence(String yaml) {
        return SpecText.read(yaml, root -> EvidenceReader.read(root.mapping(FIELDS)));
    }

    private static Stage stage(StagePlan plan) {
        return Stage.newBuilder()
                .setKind(plan.kind())
                .setShare(plan.share())
                .setMirror(plan.mirror())
                .build();
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

package io.understudy.plan;

import io.understudy.assignment.Share;
import io.understudy.schema.Breaker;
import io.understudy.schema.Model;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Stage;
import io.understudy.spec.InvalidSpecException;
import io.understudy.spec.SpecNode;
import io.understudy.spec.SpecText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Reads deployments, rollouts and evidence plans from YAML. The CLI uses it to validate a file, the controller to
 * follow DEPLOY and START commands, and the evaluator to find out how a rollout is judged.
 */
public final class SpecReader {

    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(1);
    private static final Duration DEFAULT_MIRROR_MAX_AGE = Duration.ofMinutes(1);
    private static final int MAX_SALT_LENGTH = 200;
    private static final int HALF = Share.parse("50%").buckets();
    private static final Breaker DEFAULT_BREAKER = defaultBreaker();

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
        "cycle",
        "coverage",
        "alpha",
        "alpha-abort",
        "policies"
    };

    private SpecReader() {}

    private static Breaker defaultBreaker() {
        SchemaClasses.trust();
        return Breaker.newBuilder()
                .setErrors(HALF)
                .setTimeouts(HALF)
                .setWindowMs(10_000)
                .setMinimum(20)
                .build();
    }

    /**
     * Reads a deployment: {@code deployment} and {@code existing: {version, scorer}}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static DeploymentSpec deployment(String yaml) {
        return SpecText.read(yaml, root -> {
            root.mapping("deployment", "existing");
            return new DeploymentSpec(
                    root.child("deployment").text(Names.PATTERN, Names.DESCRIPTION),
                    ModelReader.read(root.child("existing")));
        });
    }

    /**
     * Reads a rollout: {@code deployment}, {@code candidate: {version, scorer}}, {@code unit}, {@code salt},
     * {@code stages}, and how it is judged.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static RolloutSpec rollout(String yaml) {
        return SpecText.read(yaml, root -> {
            root.mapping(FIELDS);
            String deployment = root.child("deployment").text(Names.PATTERN, Names.DESCRIPTION);
            Model candidate = ModelReader.read(root.child("candidate"));
            EvidencePlan evidence = EvidenceReader.read(root);
            return new RolloutSpec(
                    deployment,
                    candidate,
                    evidence.unit(),
                    root.child("salt").optional().map(salt -> salt.text(MAX_SALT_LENGTH)),
                    evidence.stages().stream().map(SpecReader::stage).toList(),
                    evidence,
                    fallback(root.child("fallback")),
                    mirrorMaxAge(root.child("mirror")),
                    approval(root.child("policies")),
                    yaml);
        });
    }

    private static FallbackPolicy fallback(SpecNode node) {
        if (!node.isPresent()) {
            return new FallbackPolicy(DEFAULT_DEADLINE, Optional.of(DEFAULT_BREAKER));
        }
        node.mapping("deadline", "breaker");
        return new FallbackPolicy(
                node.child("deadline")
                        .optional()
                        .map(deadline -> Duration.ofMillis(ModelReader.deadlineMillis(deadline)))
                        .orElse(DEFAULT_DEADLINE),
                breaker(node.child("breaker")));
    }

    private static Optional<Breaker> breaker(SpecNode node) {
        if (!node.isPresent()) {
            return Optional.of(DEFAULT_BREAKER);
        }
        if (node.isText("none")) {
            return Optional.empty();
        }
        node.mapping("errors", "timeouts", "window", "minimum");
        Breaker.Builder breaker = Breaker.newBuilder(DEFAULT_BREAKER);
        node.child("errors")
                .optional()
                .ifPresent(errors -> breaker.setErrors(errors.share().buckets()));
        node.child("timeouts")
                .optional()
                .ifPresent(timeouts -> breaker.setTimeouts(timeouts.share().buckets()));
        node.child("window").optional().ifPresent(window -> breaker.setWindowMs(window.durationMillis()));
        node.child("minimum").optional().ifPresent(minimum -> breaker.setMinimum(minimum.wholeNumber()));
        return Optional.of(breaker.build());
    }

    private static Duration mirrorMaxAge(SpecNode node) {
        return node.optional()
                .map(mirror -> Duration.ofMillis(
                        mirror.mapping("max-age").child("max-age").durationMillis()))
                .orElse(DEFAULT_MIRROR_MAX_AGE);
    }

    private static Approval approval(SpecNode policies) {
        return policies.child("approval")
                .optional()
                .map(approval -> approval.oneOf(List.of(Approval.values())))
                .orElse(Approval.NONE);
    }

    /**
     * Reads only how a rollout is judged. The document may lack a deployment and a candidate, so that an author can
     * find out how long a decision would take before there is a candidate.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static EvidencePlan evidence(String yaml) {
        return SpecText.read(yaml, root -> EvidenceReader.read(root.mapping(FIELDS)));
    }

    private static Stage stage(StagePlan plan) {
        return Stage.newBuilder()
                .setKind(plan.kind())
                .setShare(plan.share().buckets())
                .setMirror(plan.mirror().buckets())
                .build();
    }
}

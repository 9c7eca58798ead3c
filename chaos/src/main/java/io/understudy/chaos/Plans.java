package io.understudy.chaos;

import io.understudy.schema.RolloutStatus;
import java.util.List;
import java.util.Map;

/** The deployments of a campaign and their rollouts, with the models of the example. */
final class Plans {

    /** A shadow that never ends: every pair must be counted once. */
    static final String PAIRS = "pairs";

    /** A canary that never ends: arms, guard and fallbacks. */
    static final String CANARY = "canary";

    /** A canary that never ends, whose candidate is on an inference server. */
    static final String REMOTE = "remote";

    /** A candidate that must be promoted. */
    static final String BETTER = "better";

    /** A candidate that must be aborted. */
    static final String BROKEN = "broken";

    static final List<String> DEPLOYMENTS = List.of(PAIRS, CANARY, REMOTE, BETTER, BROKEN);

    /** The rollouts whose evidence must be that of all their answers. */
    static final List<String> ENDLESS = List.of(PAIRS, CANARY, REMOTE);

    /** The rollouts that end, and how. */
    static final Map<String, RolloutStatus> ENDING =
            Map.of(BETTER, RolloutStatus.PROMOTED, BROKEN, RolloutStatus.ABORTED);

    /** The model on the inference server. */
    static final String SERVED_MODEL = "flights";

    private static final String FEATURES =
            "[hour, weekday, distance, origin_late_rate, destination_late_rate, origin_recent_late_share]";

    private Plans() {}

    static String existing(String deployment) {
        return """
                deployment: %s
                existing: {version: v1, scorer: {kind: onnx, model: models/existing.onnx}}
                """.formatted(deployment);
    }

    /**
     * The rollout of a deployment.
     *
     * @param server base URL of the inference server
     */
    static String rollout(String deployment, String server) {
        String endless = "minimum: {units: 1000000000}}";
        String soon = "{kind: shadow, require: superiority, minimum: {units: 200}}";
        return switch (deployment) {
            case PAIRS -> rollout(deployment, onnx("candidate"), "0.004", "{kind: shadow, mirror: 100%, " + endless);
            case CANARY -> rollout(deployment, onnx("candidate"), "0.004", "{kind: canary, share: 30%, " + endless);
            case REMOTE ->
                rollout(
                        deployment,
                        "kind: open-inference, url: \"" + server + "\", model: " + SERVED_MODEL,
                        "1",
                        "{kind: canary, share: 30%, " + endless);
            case BETTER -> rollout(deployment, onnx("candidate"), "0.004", soon);
            case BROKEN -> rollout(deployment, onnx("broken"), "0.004", soon);
            default -> throw new IllegalArgumentException(deployment);
        };
    }

    private static String onnx(String model) {
        return "kind: onnx, model: models/" + model + ".onnx";
    }

    private static String rollout(String deployment, String scorer, String worthwhile, String stage) {
        return """
                deployment: %s
                candidate: {version: v2, scorer: {%s, features: %s}}
                unit: key
                window: 2s
                metrics: [{name: brier, kind: brier, role: success, mde: %s, outcome: late}]
                stages: [%s]
                fallback: {deadline: 2s, breaker: none}
                policies: {inconclusive: continue, no-data: ignore}
                """.formatted(deployment, scorer, FEATURES, worthwhile, stage);
    }
}

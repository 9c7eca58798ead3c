package io.understudy.chaos;

import io.understudy.schema.RolloutStatus;
import java.util.List;
import java.util.Map;

/** The deployments of a campaign and their rollouts, all with the models of the example. */
final class Plans {

    /** A shadow that never ends: every pair must be counted once. */
    static final String PAIRS = "pairs";

    /** A canary that never ends: arms, guard and fallbacks. */
    static final String CANARY = "canary";

    /** A candidate that must be promoted. */
    static final String BETTER = "better";

    /** A candidate that must be aborted. */
    static final String BROKEN = "broken";

    static final List<String> DEPLOYMENTS = List.of(PAIRS, CANARY, BETTER, BROKEN);

    /** The rollouts that end, and how. */
    static final Map<String, Ending> ENDING =
            Map.of(BETTER, new Ending(RolloutStatus.PROMOTED), BROKEN, new Ending(RolloutStatus.ABORTED));

    private static final String FEATURES =
            "[hour, weekday, distance, origin_late_rate, destination_late_rate, origin_recent_late_share]";

    private Plans() {}

    /** How a rollout must end. */
    record Ending(RolloutStatus ends) {}

    static String existing(String deployment) {
        return """
                deployment: %s
                existing: {version: v1, scorer: {kind: onnx, model: models/existing.onnx}}
                """.formatted(deployment);
    }

    static String rollout(String deployment) {
        return switch (deployment) {
            case PAIRS ->
                rollout(deployment, "candidate", "{kind: shadow, mirror: 100%, minimum: {units: 1000000000}}");
            case CANARY -> rollout(deployment, "candidate", "{kind: canary, share: 30%, minimum: {units: 1000000000}}");
            case BETTER ->
                rollout(deployment, "candidate", "{kind: shadow, require: superiority, minimum: {units: 200}}");
            case BROKEN -> rollout(deployment, "broken", "{kind: shadow, require: superiority, minimum: {units: 200}}");
            default -> throw new IllegalArgumentException(deployment);
        };
    }

    private static String rollout(String deployment, String model, String stage) {
        return """
                deployment: %s
                candidate: {version: v2, scorer: {kind: onnx, model: models/%s.onnx, features: %s}}
                unit: key
                window: 2s
                metrics: [{name: brier, kind: brier, role: success, mde: 0.004, outcome: late}]
                stages: [%s]
                fallback: {deadline: 2s, breaker: none}
                policies: {inconclusive: continue, no-data: ignore}
                """.formatted(deployment, model, FEATURES, stage);
    }
}

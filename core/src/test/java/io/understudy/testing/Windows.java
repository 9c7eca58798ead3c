package io.understudy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import java.util.List;
import java.util.Random;

/** Windows with a bit of everything in them. */
public final class Windows {

    /** A plan of every kind of tally that a shadow of requests has. */
    public static final EvidencePlan SHADOW_OF_REQUESTS = Plans.byRequest(
            Plans.SHADOW,
            "kind: error-rate, role: guardrail, margin: 2, limit: 0.9",
            "kind: accuracy, role: success, mde: 1.2",
            "kind: brier, role: success, mde: 0.1",
            "kind: log-loss, role: success, mde: 0.1, bounds: [0, 1]",
            "kind: agreement, role: guardrail, margin: 0.5",
            "kind: score-drift, role: diagnostic",
            "kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.9");

    /** A plan of every kind of tally that a shadow of keys has. */
    public static final EvidencePlan SHADOW_OF_KEYS = Plans.byKey(
            Plans.SHADOW,
            "kind: error-rate, role: guardrail, margin: 2, limit: 0.9",
            "kind: brier, role: success, mde: 0.1",
            "kind: agreement, role: guardrail, margin: 0.5");

    /** A plan of every kind of tally that two arms of requests have. */
    public static final EvidencePlan ARMS_OF_REQUESTS = Plans.byRequest(
            Plans.AB,
            "kind: error-rate, role: guardrail, margin: 2, limit: 0.9",
            "kind: value, role: success, mde: 0.1",
            "kind: score-drift, role: diagnostic");

    /** A plan of every kind of tally that two arms of keys have. */
    public static final EvidencePlan ARMS_OF_KEYS = Plans.byKey(
            Plans.AB,
            "kind: error-rate, role: guardrail, margin: 2, limit: 0.9",
            "kind: value, role: success, mde: 0.1",
            "kind: ratio, role: success, mde: 0.1, numerator: revenue, denominator: sessions",
            "kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.9");

    /** All four. */
    public static final List<EvidencePlan> PLANS =
            List.of(SHADOW_OF_REQUESTS, SHADOW_OF_KEYS, ARMS_OF_REQUESTS, ARMS_OF_KEYS);

    private Windows() {}

    /** A window of the plan's first stage without a request. */
    public static WindowCounts empty(EvidencePlan plan) {
        return WindowCounts.empty(plan.stages().get(0), plan.isByKey());
    }

    /** Everything that belongs to request number {@code number}, always the same. */
    public static void add(WindowCounts window, EvidencePlan plan, int number) {
        Random random = new Random(number);
        StagePlan stage = plan.stages().get(0);
        byte[] key = ("key-" + random.nextInt(200)).getBytes(UTF_8);
        int bucket = plan.isByKey() ? WindowCounts.bucket(key) : 0;
        Arm served = random.nextBoolean() ? Arm.CANDIDATE : Arm.EXISTING;
        List<Arm> arms = stage.isShadow() ? List.of(Arm.EXISTING, Arm.CANDIDATE) : List.of(served);
        for (Arm arm : arms) {
            window.request(arm, key);
            if (random.nextInt(4) > 0) {
                window.labelled(arm);
            }
            window.answer(arm, eighths(random), 1 + random.nextInt(500));
        }
        for (int i = 0; i < stage.metrics().size(); i++) {
            MetricSpec metric = stage.metrics().get(i);
            double existing = metric.kind().isBinary() ? random.nextInt(2) : eighths(random);
            double candidate = metric.kind().isBinary() ? random.nextInt(2) : eighths(random);
            if (stage.isShadow() && metric.kind().isPairedInShadow()) {
                window.observePair(i, bucket, existing, candidate);
            } else {
                for (Arm arm : arms) {
                    window.observe(i, arm, bucket, arm == Arm.CANDIDATE ? candidate : existing);
                }
            }
        }
        window.disagreement("request-" + number, eighths(random), eighths(random));
    }

    /** Sums of eighths are exact. */
    private static double eighths(Random random) {
        return random.nextInt(9) / 8.0;
    }

    /** A window of {@code requests} requests, from number {@code first}. */
    public static WindowCounts of(EvidencePlan plan, int first, int requests) {
        WindowCounts window = empty(plan);
        for (int i = 0; i < requests; i++) {
            add(window, plan, first + i);
        }
        return window;
    }
}

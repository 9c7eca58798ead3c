package io.understudy.wire;

import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import java.util.Optional;

/**
 * A routing decision.
 *
 * @param deployment deployment that should answer
 * @param arm arm whose model should answer
 * @param modelVersion version of that model
 * @param scorer who answers; empty if the router did not say, so that the state of the deployment says it
 * @param part part of the request in a rollout; empty outside a rollout
 */
public record Route(String deployment, Arm arm, String modelVersion, Optional<Scorer> scorer, Optional<Part> part) {

    /** Who answers a request: decided when it is routed, so that a later change of the deployment does not move it. */
    public enum Scorer {
        /** The scorers of this program. */
        BUILT_IN("built-in"),
        /** A program of the user that reads the lane. */
        EXTERNAL("external");

        private final String code;

        Scorer(String code) {
            this.code = code;
        }

        /** The text in the header. */
        public String code() {
            return code;
        }

        /** Who answers for {@code model}; empty for a kind that this version does not know. */
        static Optional<Scorer> of(Model model) {
            return switch (model.getScorer()) {
                case EXTERNAL -> Optional.of(EXTERNAL);
                case ONNX, OPEN_INFERENCE -> Optional.of(BUILT_IN);
                case UNKNOWN -> Optional.empty();
            };
        }
    }

    /**
     * The part of a request in a rollout.
     *
     * @param rollout identifier of the rollout
     * @param stage stage of the rollout, from 0
     * @param epoch epoch of the rollout, from 1
     * @param purpose purpose of the answer
     */
    public record Part(String rollout, int stage, int epoch, Purpose purpose) {

        static Part of(Rollout rollout, Purpose purpose) {
            return new Part(rollout.getId(), rollout.getStage(), rollout.getEpoch(), purpose);
        }
    }

    /** The purpose of an answer in a rollout. */
    public sealed interface Purpose {

        /** The answer is served. */
        record Serve() implements Purpose {}

        /**
         * The answer is for comparison only.
         *
         * @param maxAgeMillis how long after it was routed the request may be scored, milliseconds; empty means no
         * limit
         */
        record Mirror(Optional<Long> maxAgeMillis) implements Purpose {}

        /**
         * The answer of the existing model is served in place of the candidate's.
         *
         * @param candidate status of the candidate's own answer
         */
        record Fallback(PredictionStatus candidate) implements Purpose {}
    }

    /** A decision outside a rollout: the existing model answers. */
    public static Route outsideRollout(String deployment, Model existing) {
        return new Route(deployment, Arm.EXISTING, existing.getVersion(), Scorer.of(existing), Optional.empty());
    }

    /** A decision in a rollout: one of its models answers, and the answer is served. */
    public static Route served(String deployment, Arm arm, Model model, Rollout rollout) {
        return new Route(
                deployment,
                arm,
                model.getVersion(),
                Scorer.of(model),
                Optional.of(Part.of(rollout, new Purpose.Serve())));
    }

    /** A decision in a rollout: the existing model answers in place of the candidate. */
    public static Route fallback(String deployment, Model existing, Part part) {
        return new Route(deployment, Arm.EXISTING, existing.getVersion(), Scorer.of(existing), Optional.of(part));
    }

    /** A decision in a rollout: the candidate answers for comparison only. */
    public static Route mirrored(String deployment, Rollout rollout) {
        return new Route(
                deployment,
                Arm.CANDIDATE,
                rollout.getCandidate().getVersion(),
                Scorer.of(rollout.getCandidate()),
                Optional.of(Part.of(rollout, new Purpose.Mirror(Optional.of(rollout.getMirrorMaxAgeMs())))));
    }

    /** Whether the answer is for comparison only. */
    public boolean isMirrored() {
        return part.filter(value -> value.purpose() instanceof Purpose.Mirror).isPresent();
    }

    /** How long after it was routed the request may be scored, milliseconds; empty means no limit. */
    public Optional<Long> maxAgeMillis() {
        return part.flatMap(
                value -> value.purpose() instanceof Purpose.Mirror mirror ? mirror.maxAgeMillis() : Optional.empty());
    }

    /** The status of the candidate's own answer, if the existing model answers in its place. */
    public Optional<PredictionStatus> fallbackStatus() {
        return part.flatMap(value -> value.purpose() instanceof Purpose.Fallback fallback
                ? Optional.of(fallback.candidate())
                : Optional.empty());
    }
}

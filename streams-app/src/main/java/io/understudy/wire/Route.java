package io.understudy.wire;

import io.understudy.schema.Arm;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import java.util.Optional;

/**
 * A routing decision.
 *
 * @param deployment the deployment that is to answer
 * @param arm whose model is to answer
 * @param modelVersion that model's version
 * @param part the request's part in a rollout; empty outside any rollout
 */
public record Route(String deployment, Arm arm, String modelVersion, Optional<Part> part) {

    /**
     * A request's part in a rollout.
     *
     * @param rollout the rollout's identifier
     * @param stage its stage, from 0
     * @param epoch its epoch, from 1
     * @param purpose what the answer is for
     */
    public record Part(String rollout, int stage, int epoch, Purpose purpose) {

        static Part of(Rollout rollout, Purpose purpose) {
            return new Part(rollout.getId(), rollout.getStage(), rollout.getEpoch(), purpose);
        }
    }

    /** What an answer in a rollout is for. */
    public sealed interface Purpose {

        /** The answer is served. */
        record Serve() implements Purpose {}

        /**
         * The answer is for comparison only.
         *
         * @param maxAgeMillis how long after it was routed the request may still be scored, milliseconds; empty: at any age
         */
        record Mirror(Optional<Long> maxAgeMillis) implements Purpose {}

        /**
         * The existing model's answer is served in the candidate's place.
         *
         * @param candidate how the candidate's own answer ended
         */
        record StandIn(PredictionStatus candidate) implements Purpose {}
    }

    /** A decision outside any rollout: the existing model answers. */
    public static Route outside(String deployment, String modelVersion) {
        return new Route(deployment, Arm.EXISTING, modelVersion, Optional.empty());
    }

    /** A decision within a rollout: one of its models answers, and is served. */
    public static Route served(String deployment, Arm arm, String modelVersion, Rollout rollout) {
        return new Route(deployment, arm, modelVersion, Optional.of(Part.of(rollout, new Purpose.Serve())));
    }

    /** A decision within a rollout: the candidate answers for comparison only. */
    public static Route mirrored(String deployment, Rollout rollout) {
        return new Route(
                deployment,
                Arm.CANDIDATE,
                rollout.getCandidate().getVersion(),
                Optional.of(Part.of(rollout, new Purpose.Mirror(Optional.of(rollout.getMirrorMaxAgeMs())))));
    }

    /** Whether the answer is for comparison only. */
    public boolean isMirrored() {
        return part.filter(one -> one.purpose() instanceof Purpose.Mirror).isPresent();
    }

    /** How long after it was routed the request may still be scored, milliseconds; empty: at any age. */
    public Optional<Long> maxAgeMillis() {
        return part.flatMap(
                one -> one.purpose() instanceof Purpose.Mirror mirror ? mirror.maxAgeMillis() : Optional.empty());
    }

    /** How the candidate's answer ended that the existing model stands in for; empty when it does not. */
    public Optional<PredictionStatus> standsInFor() {
        return part.flatMap(one ->
                one.purpose() instanceof Purpose.StandIn standIn ? Optional.of(standIn.candidate()) : Optional.empty());
    }
}

package io.understudy.assignment;

import io.understudy.schema.Arm;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import java.util.Optional;

/**
 * Where the requests of one deployment go under one version of its state: a pure function of the record key and the request id.
 *
 * @param state the deployment's state that this plan was made from
 * @param mirrorSalt salt of the mirror's sample; its own, so that the sample says nothing about a later arm
 */
public record RoutingPlan(RolloutState state, String mirrorSalt) {

    private static final String MIRROR = "/mirror";

    /** The plan that {@code state} asks for. */
    public static RoutingPlan of(RolloutState state) {
        return new RoutingPlan(
                state, state.getRollout() == null ? "" : state.getRollout().getSalt() + MIRROR);
    }

    /** The rollout whose candidate receives traffic now, or none. */
    public Optional<Rollout> activeRollout() {
        return Optional.ofNullable(state.getRollout()).filter(rollout -> rollout.getEndedAt() == null);
    }

    /**
     * Whose answer the request is served. A request without a key always meets the existing model: its outcome could not be joined to
     * it.
     *
     * @param key the record key, or null
     * @param requestId the request's identifier
     */
    public Arm arm(String key, String requestId) {
        Rollout rollout = state.getRollout();
        if (rollout == null || rollout.getShare() == 0 || key == null) {
            return Arm.EXISTING;
        }
        return Buckets.arm(rollout.getSalt(), unit(rollout, key, requestId), rollout.getShare());
    }

    private static String unit(Rollout rollout, String key, String requestId) {
        return rollout.getUnit() == RandomisationUnit.REQUEST ? requestId : key;
    }

    /**
     * Whether a copy of the request goes to the candidate. A request without a key is never mirrored: its outcome could not be
     * joined to it.
     *
     * @param key the record key, or null
     * @param requestId the request's identifier
     */
    public boolean mirrors(String key, String requestId) {
        Rollout rollout = state.getRollout();
        if (rollout == null || rollout.getMirror() == 0 || key == null) {
            return false;
        }
        if (rollout.getMirror() == Buckets.COUNT) {
            return true;
        }
        return Buckets.of(mirrorSalt, unit(rollout, key, requestId)) < rollout.getMirror();
    }
}

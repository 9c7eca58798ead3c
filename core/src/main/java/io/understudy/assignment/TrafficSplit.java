package io.understudy.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.schema.Arm;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of one deployment go under one version of its state: a pure function of the record key and the
 * request id.
 */
public final class TrafficSplit {

    private static final String MIRROR = "/mirror";

    private final RolloutState state;
    private final Share share;
    private final Share mirror;
    private final String salt;

    /** The mirror's sample has its own salt, so that it says nothing about a later arm. */
    private final String mirrorSalt;

    private final boolean byRequest;

    private TrafficSplit(RolloutState state) {
        Rollout rollout = state.getRollout();
        this.state = state;
        this.share = rollout == null ? Share.NONE : new Share(rollout.getShare());
        this.mirror = rollout == null ? Share.NONE : new Share(rollout.getMirror());
        this.salt = rollout == null ? "" : rollout.getSalt();
        this.mirrorSalt = salt + MIRROR;
        this.byRequest = rollout != null && rollout.getUnit() == RandomisationUnit.REQUEST;
    }

    /** The split that {@code state} asks for. */
    public static TrafficSplit of(RolloutState state) {
        return new TrafficSplit(state);
    }

    /** The arm of {@code unit}, a text, when the candidate has {@code share} of the units: it owns the lowest buckets. */
    public static Arm arm(String salt, String unit, Share share) {
        return arm(salt, unit.getBytes(UTF_8), share);
    }

    /** The arm of {@code unit}, which need not be text. */
    public static Arm arm(String salt, byte[] unit, Share share) {
        return share.includes(HashBuckets.of(salt, unit)) ? Arm.CANDIDATE : Arm.EXISTING;
    }

    /** The deployment's state that the split was made from. */
    public RolloutState state() {
        return state;
    }

    /** The rollout whose candidate receives traffic now, if there is one. */
    public Optional<Rollout> activeRollout() {
        return Optional.ofNullable(state.getRollout()).filter(rollout -> rollout.getEndedAt() == null);
    }

    /**
     * The arm whose answer the request is served. A request without a key always meets the existing model, because its
     * outcome could not be joined to it.
     *
     * @param key the bytes of the record key, whatever they mean, or null
     * @param requestId the request's identifier
     */
    public Arm arm(byte @Nullable [] key, String requestId) {
        return share.isNone() || key == null ? Arm.EXISTING : arm(salt, unit(key, requestId), share);
    }

    /**
     * Whether a copy of the request goes to the candidate. A request without a key is never mirrored, because its
     * outcome could not be joined to it.
     *
     * @param key the bytes of the record key, whatever they mean, or null
     * @param requestId the request's identifier
     */
    public boolean mirrors(byte @Nullable [] key, String requestId) {
        if (mirror.isNone() || key == null) {
            return false;
        }
        return mirror.isAll() || mirror.includes(HashBuckets.of(mirrorSalt, unit(key, requestId)));
    }

    private byte[] unit(byte[] key, String requestId) {
        return byRequest ? requestId.getBytes(UTF_8) : key;
    }
}

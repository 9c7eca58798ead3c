package io.understudy.evaluation;

import io.understudy.assignment.TrafficSplit;
import io.understudy.collecting.LiveRollout;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.registry.Decoder;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.spec.InvalidSpecException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rollouts that are in progress and have metrics, from the global table of states. Each state is decoded once. For
 * one thread.
 */
final class LiveRollouts {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRollouts.class);
    private static final long POLL_INTERVAL_NANOS = 5_000_000;

    /**
     * How long after a timeout there are no further waits. Otherwise, answers that refer to unknown rollouts would
     * block all others.
     */
    private static final long BACKOFF_NANOS = Duration.ofMinutes(1).toNanos();

    private static final int MAX_UNKNOWN_EPOCHS = 10_000;

    private final ReadOnlyKeyValueStore<String, byte[]> states;
    private final Decoder<RolloutState> decoder;
    private final Duration stateTimeout;
    private final Map<String, DecodedState> decoded = new HashMap<>();

    /** Rollouts and epochs whose state did not arrive within the timeout. */
    private final Set<String> unknownEpochs = new HashSet<>();

    private long noWaitUntil = System.nanoTime();

    LiveRollouts(ReadOnlyKeyValueStore<String, byte[]> states, Decoder<RolloutState> decoder, Duration stateTimeout) {
        this.states = states;
        this.decoder = decoder;
        this.stateTimeout = stateTimeout;
    }

    /**
     * A state in the table.
     *
     * @param bytes state as it is in the table
     * @param live rollout, if it is in progress and has metrics
     * @param rollout rollout, if the state has one
     * @param since when the state was written; {@link Instant#MIN} if it cannot be decoded
     */
    private record DecodedState(byte[] bytes, Optional<LiveRollout> live, Optional<Rollout> rollout, Instant since) {}

    /** Returns the rollout of the deployment, if one is in progress and has metrics. */
    Optional<LiveRollout> find(String deployment) {
        byte[] bytes = states.get(deployment);
        if (bytes == null) {
            return Optional.empty();
        }
        DecodedState entry = decoded.get(deployment);
        if (entry == null || entry.bytes != bytes && !Arrays.equals(entry.bytes, bytes)) {
            entry = read(deployment, bytes);
            decoded.put(deployment, entry);
            unknownEpochs.clear();
        }
        return entry.live;
    }

    /** Whether the candidate gets no requests, because a circuit breaker has opened. */
    private static boolean isCutOff(RolloutState state) {
        return state.getRollout().getShare() == 0 && state.getRollout().getMirror() == 0;
    }

    private DecodedState read(String deployment, byte[] bytes) {
        Instant since = Instant.MIN;
        Optional<Rollout> rollout = Optional.empty();
        try {
            RolloutState state = decoder.decode(bytes);
            since = state.getUpdatedAt();
            rollout = Optional.ofNullable(state.getRollout());
            if (state.getRollout() == null || state.getRollout().getEndedAt() != null || isCutOff(state)) {
                return new DecodedState(bytes, Optional.empty(), rollout, since);
            }
            EvidencePlan plan = SpecReader.evidence(state.getRollout().getSpec());
            return new DecodedState(
                    bytes,
                    plan.metrics().isEmpty()
                            ? Optional.empty()
                            : Optional.of(new LiveRollout(state, plan, TrafficSplit.of(state))),
                    rollout,
                    since);
        } catch (UndecodableException | InvalidSpecException | IllegalArgumentException | NullPointerException e) {
            // A state that can be decoded may still have values that no controller writes.
            LOG.error("Cannot judge a rollout: deployment={} cause={}", deployment, e.toString());
            return new DecodedState(bytes, Optional.empty(), rollout, since);
        }
    }

    /**
     * Returns the rollout of an answer, and waits for its state if necessary. The router has already read the state, so
     * the state will arrive here as well, unless the rollout is over. There is one wait per rollout and epoch. If the
     * answer is older than the state in the table, the answer belongs to the past, and there is no wait.
     *
     * @param routedAt when the request of the answer was routed, as far as this is known
     */
    Optional<LiveRollout> await(String deployment, String rollout, int epoch, Instant routedAt) {
        Optional<LiveRollout> live = find(deployment);
        if (live.isPresent() && live.get().matches(rollout, epoch)) {
            return live;
        }
        String id = rollout + "/" + epoch;
        if (unknownEpochs.contains(id)
                || isOver(deployment, rollout, epoch, routedAt)
                || System.nanoTime() < noWaitUntil) {
            return Optional.empty();
        }
        long giveUpAt = System.nanoTime() + stateTimeout.toNanos();
        while (System.nanoTime() < giveUpAt) {
            LockSupport.parkNanos(POLL_INTERVAL_NANOS);
            live = find(deployment);
            if (live.isPresent() && live.get().matches(rollout, epoch)) {
                return live;
            }
        }
        noWaitUntil = System.nanoTime() + BACKOFF_NANOS;
        if (unknownEpochs.size() < MAX_UNKNOWN_EPOCHS) {
            unknownEpochs.add(id);
        }
        return Optional.empty();
    }

    /** Whether the state in the table says that the rollout is over or has no metrics, or is newer than the answer. */
    private boolean isOver(String deployment, String rollout, int epoch, Instant routedAt) {
        DecodedState current = decoded.get(deployment);
        return current != null
                && (routedAt.isBefore(current.since())
                        || current.rollout()
                                .filter(last -> last.getId().equals(rollout) && last.getEpoch() >= epoch)
                                .isPresent());
    }

    /** Returns all rollouts that are in progress and have metrics. */
    List<LiveRollout> all() {
        List<LiveRollout> all = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> iterator = states.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                find(next.key).ifPresent(all::add);
            }
        }
        return all;
    }
}

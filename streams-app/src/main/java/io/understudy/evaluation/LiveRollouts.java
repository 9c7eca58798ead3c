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

/** The rollouts that are under way and have metrics, from the global table of states. Each state is read once. For one thread. */
final class LiveRollouts {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRollouts.class);
    private static final long PROBE_NANOS = 5_000_000;
    /** After waiting in vain nobody waits again for a while: answers of rollouts nobody knows must not stop the others. */
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private static final int MOST_REMEMBERED = 10_000;

    private final ReadOnlyKeyValueStore<String, byte[]> states;
    private final Decoder<RolloutState> decoder;
    private final Duration patience;
    private final Map<String, Known> known = new HashMap<>();
    private final Set<String> neverHeardOf = new HashSet<>();
    private long noWaitUntil = System.nanoTime();

    LiveRollouts(ReadOnlyKeyValueStore<String, byte[]> states, Decoder<RolloutState> decoder, Duration patience) {
        this.states = states;
        this.decoder = decoder;
        this.patience = patience;
    }

    /** A state as it is in the table, and since when; never, where it cannot be read. */
    private record Known(byte[] bytes, Optional<LiveRollout> live, Optional<Rollout> rollout, Instant since) {}

    /** The deployment's rollout, if one is under way and has metrics. */
    Optional<LiveRollout> of(String deployment) {
        byte[] bytes = states.get(deployment);
        if (bytes == null) {
            return Optional.empty();
        }
        Known entry = known.get(deployment);
        if (entry == null || entry.bytes != bytes && !Arrays.equals(entry.bytes, bytes)) {
            entry = read(deployment, bytes);
            known.put(deployment, entry);
            neverHeardOf.clear();
        }
        return entry.live;
    }

    /** Whether a breaker has cut the candidate off. */
    private static boolean comparesNothing(RolloutState state) {
        return state.getRollout().getShare() == 0 && state.getRollout().getMirror() == 0;
    }

    private Known read(String deployment, byte[] bytes) {
        Instant since = Instant.MIN;
        Optional<Rollout> rollout = Optional.empty();
        try {
            RolloutState state = decoder.decode(bytes);
            since = state.getUpdatedAt();
            rollout = Optional.ofNullable(state.getRollout());
            if (state.getRollout() == null || state.getRollout().getEndedAt() != null || comparesNothing(state)) {
                return new Known(bytes, Optional.empty(), rollout, since);
            }
            EvidencePlan plan = SpecReader.evidence(state.getRollout().getSpec());
            return new Known(
                    bytes,
                    plan.metrics().isEmpty()
                            ? Optional.empty()
                            : Optional.of(new LiveRollout(state, plan, TrafficSplit.of(state))),
                    rollout,
                    since);
        } catch (UndecodableException | InvalidSpecException e) {
            LOG.error("A rollout cannot be judged: deployment={} cause={}", deployment, e.getMessage());
            return new Known(bytes, Optional.empty(), rollout, since);
        }
    }

    /**
     * The rollout of an answer. The router has seen its state, so it is on its way here, unless the rollout is over: a state that is
     * not here yet is waited for, once for each rollout and epoch. An answer from before the state that is here belongs to the past,
     * and nothing is waited for.
     *
     * @param at when the answer's request was routed, or what is known of that
     */
    Optional<LiveRollout> of(String deployment, String rollout, int epoch, Instant at) {
        Optional<LiveRollout> live = of(deployment);
        if (live.isPresent() && live.get().matches(rollout, epoch)) {
            return live;
        }
        String name = rollout + "/" + epoch;
        if (neverHeardOf.contains(name)
                || isKnownToBeNone(deployment, rollout, epoch, at)
                || System.nanoTime() < noWaitUntil) {
            return Optional.empty();
        }
        long giveUpAt = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < giveUpAt) {
            LockSupport.parkNanos(PROBE_NANOS);
            live = of(deployment);
            if (live.isPresent() && live.get().matches(rollout, epoch)) {
                return live;
            }
        }
        noWaitUntil = System.nanoTime() + PAUSE_NANOS;
        if (neverHeardOf.size() < MOST_REMEMBERED) {
            neverHeardOf.add(name);
        }
        return Optional.empty();
    }

    /** Whether the state that is here says that the rollout is over or has no metrics, or is younger than the answer. */
    private boolean isKnownToBeNone(String deployment, String rollout, int epoch, Instant at) {
        Known here = known.get(deployment);
        return here != null
                && (at.isBefore(here.since())
                        || here.rollout()
                                .filter(last -> last.getId().equals(rollout) && last.getEpoch() >= epoch)
                                .isPresent());
    }

    /** All rollouts under way. */
    List<LiveRollout> all() {
        List<LiveRollout> all = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> iterator = states.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                of(next.key).ifPresent(all::add);
            }
        }
        return all;
    }
}

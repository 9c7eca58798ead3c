package io.understudy.evaluation;

import io.understudy.collecting.WindowCollector;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.WindowClockState;
import io.understudy.streams.AvroBytes;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the clock and the open windows of a collector in a state store. They are written once per commit, not on every
 * change. For one thread.
 */
final class CollectorStore {

    private static final Logger LOG = LoggerFactory.getLogger(CollectorStore.class);
    private static final String CLOCK = "clock";
    private static final String WINDOWS = "windows/";

    private final KeyValueStore<String, byte[]> store;
    private final LiveRollouts rollouts;
    private final EvaluationMeters meters;

    /** The deployments whose windows are in the store. */
    private final Set<String> stored = new HashSet<>();

    CollectorStore(KeyValueStore<String, byte[]> store, LiveRollouts rollouts, EvaluationMeters meters) {
        this.store = store;
        this.rollouts = rollouts;
        this.meters = meters;
    }

    /** Restores everything in the store that belongs to a live rollout to {@code collector}. */
    void restoreTo(WindowCollector collector) {
        restoreClock(collector);
        try (KeyValueIterator<String, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                if (next.key.startsWith(WINDOWS)) {
                    stored.add(next.key.substring(WINDOWS.length()));
                    restoreWindows(next, collector);
                }
            }
        }
    }

    private void restoreClock(WindowCollector collector) {
        try {
            Optional.ofNullable(store.get(CLOCK))
                    .map(bytes -> AvroBytes.decode(WindowClockState.getDecoder(), bytes))
                    .ifPresent(collector::restore);
        } catch (RuntimeException e) {
            meters.unreadableEvidence();
            LOG.error("Cannot restore the clock of the windows, it starts again", e);
        }
    }

    private void restoreWindows(KeyValue<String, byte[]> entry, WindowCollector collector) {
        try {
            OpenEvidence evidence = AvroBytes.decode(OpenEvidence.getDecoder(), entry.value);
            rollouts.find(evidence.getDeployment())
                    .filter(live -> live.matches(evidence.getRollout(), evidence.getEpoch()))
                    .ifPresent(live -> collector.restore(live, evidence));
        } catch (RuntimeException e) {
            meters.unreadableEvidence();
            LOG.error("Cannot restore open windows, they start again empty: key={}", entry.key, e);
        }
    }

    /** Stores what has changed in {@code collector}, and deletes the windows that it no longer has. */
    void save(WindowCollector collector) {
        collector
                .takeChangedClock()
                .ifPresent(clock -> store.put(CLOCK, AvroBytes.encode(WindowClockState.getEncoder(), clock)));
        collector
                .takeChangedWindows()
                .forEach(windows -> store.put(
                        WINDOWS + windows.getDeployment(), AvroBytes.encode(OpenEvidence.getEncoder(), windows)));
        stored.removeAll(collector.deployments());
        stored.forEach(ended -> store.delete(WINDOWS + ended));
        stored.clear();
        stored.addAll(collector.deployments());
    }
}

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

/** Keeps a collector's clock and open windows in a state store: objects while they change, bytes at every commit. For one thread. */
final class CollectorStore {

    private static final Logger LOG = LoggerFactory.getLogger(CollectorStore.class);
    private static final String CLOCK = "clock";
    private static final String WINDOWS = "windows/";

    private final KeyValueStore<String, byte[]> store;
    private final LiveRollouts rollouts;
    private final EvaluationMeters meters;

    /** Deployments whose windows are in the store. */
    private final Set<String> kept = new HashSet<>();

    CollectorStore(KeyValueStore<String, byte[]> store, LiveRollouts rollouts, EvaluationMeters meters) {
        this.store = store;
        this.rollouts = rollouts;
        this.meters = meters;
    }

    /** Gives {@code collector} everything that was kept and is of use. */
    void restoreTo(WindowCollector collector) {
        Optional.ofNullable(store.get(CLOCK))
                .map(bytes -> AvroBytes.decode(WindowClockState.getDecoder(), bytes))
                .ifPresent(collector::restore);
        try (KeyValueIterator<String, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                if (next.key.startsWith(WINDOWS)) {
                    kept.add(next.key.substring(WINDOWS.length()));
                    restoreWindows(next, collector);
                }
            }
        }
    }

    private void restoreWindows(KeyValue<String, byte[]> entry, WindowCollector collector) {
        try {
            OpenEvidence evidence = AvroBytes.decode(OpenEvidence.getDecoder(), entry.value);
            rollouts.of(evidence.getDeployment())
                    .filter(live -> live.matches(evidence.getRollout(), evidence.getEpoch()))
                    .ifPresent(live -> collector.restore(live, evidence));
        } catch (RuntimeException e) {
            meters.unreadableEvidence();
            LOG.error("Open windows cannot be restored and begin again: key={}", entry.key, e);
        }
    }

    /** Writes down what has changed in {@code collector}, and deletes what it no longer has. */
    void keep(WindowCollector collector) {
        collector
                .takeChangedClock()
                .ifPresent(clock -> store.put(CLOCK, AvroBytes.encode(WindowClockState.getEncoder(), clock)));
        collector
                .takeChangedWindows()
                .forEach(windows -> store.put(
                        WINDOWS + windows.getDeployment(), AvroBytes.encode(OpenEvidence.getEncoder(), windows)));
        kept.removeAll(collector.deployments());
        kept.forEach(gone -> store.delete(WINDOWS + gone));
        kept.clear();
        kept.addAll(collector.deployments());
    }
}

package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.collecting.CollectorSettings;
import io.understudy.collecting.PendingRequests.Due;
import io.understudy.collecting.WindowCollector;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.registry.Registry;
import io.understudy.schema.RolloutState;
import io.understudy.schema.SchemaClasses;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** Entries of the evaluator's own stores that it cannot read: it reads round them, and counts them. */
class BadStoreEntriesTest {

    static {
        SchemaClasses.trust();
    }

    private static final byte[] GARBAGE = "garbage".getBytes(UTF_8);

    private final SimpleMeterRegistry meterRegistry = new SimpleMeterRegistry();
    private final EvaluationMeters meters = new EvaluationMeters(new Meters(meterRegistry, "evaluator"));
    private final KeyValueStore<String, byte[]> store = store();

    @Test
    void aPendingRequestThatCannotBeReadCountsAsAbsent() {
        store.put("d/id", GARBAGE);
        assertThat(new PendingRequestStore(store, meters).get("d", "id")).isEmpty();
        assertThat(unreadable()).isEqualTo(1);
    }

    @Test
    void whatIsDueAndCannotBeReadIsDroppedAndTheOthersAreTaken() {
        PendingRequestStore pending = new PendingRequestStore(store, meters);
        Due good = new Due(100, "id", 7);
        pending.putDue("d", good);
        store.put("~d/0000000000000000050", GARBAGE);
        store.put("~d/0000000000000000060/short", new byte[1]);
        store.put("~d/000000000000000006x/id", new byte[4]);
        assertThat(pending.takeDue("d", 200)).containsExactly(good);
        assertThat(pending.takeDue("d", 200)).isEmpty();
        assertThat(unreadable()).isEqualTo(3);
    }

    @Test
    void aSweepDeletesWhatCannotBeRead() {
        store.put("", GARBAGE);
        store.put("no-slash", GARBAGE);
        store.put("~", GARBAGE);
        store.put("d/id", GARBAGE);
        assertThat(new PendingRequestStore(store, meters).sweep(entry -> false, deployment -> false))
                .isEmpty();
        try (KeyValueIterator<String, byte[]> left = store.all()) {
            assertThat(left.hasNext()).isFalse();
        }
        assertThat(unreadable()).isEqualTo(3);
    }

    @Test
    void aClockThatCannotBeReadStartsAgain() {
        store.put("clock", GARBAGE);
        store.put("windows/d", GARBAGE);
        Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
        LiveRollouts rollouts = new LiveRollouts(
                store(), registry.decoder(new Topics("", 1024).rolloutState(), RolloutState.class), Duration.ZERO);
        WindowCollector collector = new WindowCollector(
                new CollectorSettings(0, 1, Duration.ofSeconds(1), 0, Duration.ofSeconds(1)),
                new PendingRequestStore(store(), meters));
        new CollectorStore(store, rollouts, meters).restoreTo(collector);
        assertThat(meterRegistry
                        .counter(Metric.EVIDENCE_UNREADABLE.id(), "role", "evaluator")
                        .count())
                .isEqualTo(2);
    }

    private double unreadable() {
        return meterRegistry
                .counter(Metric.STORES_UNREADABLE.id(), "role", "evaluator", "store", EvaluationNames.PENDING_STORE)
                .count();
    }

    private static KeyValueStore<String, byte[]> store() {
        KeyValueStore<String, byte[]> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("store"), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(new MockProcessorContext<Void, Void>().getStateStoreContext(), (StateStore) store);
        return store;
    }
}

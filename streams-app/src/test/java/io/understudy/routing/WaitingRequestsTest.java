package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.GuardedRequest;
import io.understudy.schema.SchemaClasses;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WaitingRequestsTest {

    static {
        SchemaClasses.trust();
    }

    private KeyValueStore<Long, byte[]> store;
    private final AtomicLong memory = new AtomicLong();
    private WaitingRequests waiting;

    @BeforeEach
    void prepare() {
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
        store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("waiting"), Serdes.Long(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), (StateStore) store);
        waiting = new WaitingRequests(store, memory, 0);
    }

    @Test
    void requestsThatWaitAtACommitWaitAfterARestart() {
        waiting.add(request("a", 100), 0);
        waiting.add(request("b", 100), 0);
        waiting.save();
        waiting.add(request("c", 200), 0);
        waiting.settle("d", "a");
        waiting.save();

        WaitingRequests restored = new WaitingRequests(store, memory, 0);
        assertThat(restored.contains("d", "a")).isFalse();
        assertThat(restored.settle("d", "b")).contains(request("b", 100));
        assertThat(restored.settle("d", "c")).contains(request("c", 200));
        assertThat(restored.settle("d", "c")).isEmpty();
        restored.save();
        assertThat(segments()).as("all segments are deleted").isZero();
    }

    @Test
    void aSegmentThatCannotBeReadIsDroppedAndTheOthersAreRestored() {
        waiting.add(request("a", 100), 0);
        waiting.save();
        store.put(7L, "garbage".getBytes(UTF_8));

        WaitingRequests restored = new WaitingRequests(store, memory, 0);
        assertThat(restored.unreadable()).isEqualTo(1);
        assertThat(restored.settle("d", "a")).contains(request("a", 100));
        restored.save();
        assertThat(segments()).as("neither of the two is left").isZero();
    }

    @Test
    void aRequestThatIsSettledBeforeItsFirstCommitIsNeverStored() {
        waiting.add(request("a", 100), 0);
        waiting.settle("d", "a");
        waiting.save();
        assertThat(segments()).isZero();
    }

    @Test
    void oneRecordHoldsTheRequestsRoutedBetweenTwoCommits() {
        for (int i = 0; i < 100; i++) {
            waiting.add(request("id-" + i, 100), 0);
        }
        waiting.save();
        assertThat(segments()).isEqualTo(1);
    }

    @Test
    void aSegmentIsNotLargerThanItsLimitOrOneRequest() {
        for (int i = 0; i < 10; i++) {
            waiting.add(request("id-" + i, 100, new byte[100_000]), 0);
        }
        waiting.save();
        assertThat(segments()).as("100 kB per request, 128 kB per segment").isEqualTo(10);
    }

    @Test
    void returnsOverdueRequestsInTheOrderOfTheirDeadlines() {
        waiting.add(request("late", 300), 0);
        waiting.add(request("first", 100), 0);
        waiting.add(request("second", 200), 0);
        waiting.settle("d", "second");
        assertThat(waiting.settleOverdue(99)).isEmpty();
        List<String> overdue = new ArrayList<>();
        for (var next = waiting.settleOverdue(300); next.isPresent(); next = waiting.settleOverdue(300)) {
            overdue.add(next.get().getRequestId());
        }
        assertThat(overdue).containsExactly("first", "late");
    }

    @Test
    void afterARestartTheCandidateHasItsFullTimeAgain() {
        waiting.add(request("a", 100), 0);
        waiting.save();
        WaitingRequests restored = new WaitingRequests(store, memory, 5000);
        assertThat(restored.settleOverdue(5099)).isEmpty();
        assertThat(restored.settleOverdue(5100)).isPresent();
    }

    @Test
    void countsTheMemoryOfTheRequestsThatWait() {
        waiting.add(request("a", 100, new byte[1000]), 0);
        long one = memory.get();
        waiting.add(request("b", 100, new byte[1000]), 0);
        assertThat(one).isBetween(2000L, 3000L);
        assertThat(memory.get()).isEqualTo(2 * one);
        waiting.save();
        waiting.settle("d", "a");
        assertThat(memory.get()).isEqualTo(one);
        WaitingRequests restored = new WaitingRequests(store, memory, 0);
        assertThat(memory.get()).as("a second task, with both requests").isEqualTo(3 * one);
        restored.close();
        waiting.close();
        assertThat(memory.get()).isZero();
    }

    private int segments() {
        int segments = 0;
        try (KeyValueIterator<Long, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                iterator.next();
                segments++;
            }
        }
        return segments;
    }

    private static GuardedRequest request(String id, long deadlineAt) {
        return request(id, deadlineAt, new byte[] {1, 2, 3});
    }

    /** A request that was routed at time 0 to the deployment d. */
    private static GuardedRequest request(String id, long deadlineAt, byte[] value) {
        return new GuardedRequest(
                id,
                "d",
                "d-v2-2",
                0,
                1,
                "v2",
                "v1",
                0L,
                deadlineAt,
                0L,
                ByteBuffer.wrap("key".getBytes(UTF_8)),
                ByteBuffer.wrap(value),
                List.of());
    }
}

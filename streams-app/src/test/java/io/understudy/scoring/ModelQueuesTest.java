package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.wire.Route;
import io.understudy.wire.Routed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelQueuesTest {

    private static final int MAX_BATCH = 2;
    private static final int CAPACITY = 10;
    private static final Routed ROUTED =
            new Routed(new Route("d", Arm.EXISTING, "v1", Optional.empty(), Optional.empty()), Optional.empty(), 0);

    private final ModelQueues queues = new ModelQueues(MAX_BATCH, Duration.ZERO);
    private final Map<LoadedModel, List<CompletableFuture<Runnable>>> batches = new HashMap<>();
    private final List<String> answered = new ArrayList<>();
    private final LoadedModel quick = model();
    private final LoadedModel hanging = model();
    private long offset;

    @AfterEach
    void close() {
        queues.close();
    }

    @Test
    void aModelThatHangsDelaysNoOther() throws Exception {
        add(hanging, "hanging", 2);
        add(quick, "quick", 2);
        queues.start();
        end(quick, 0);
        queues.awaitPrompt();
        assertThat(answered).containsExactly("quick 2");

        add(hanging, "hanging", 1);
        add(quick, "quick", 1);
        queues.start();
        assertThat(batches.get(hanging))
                .as("one batch at a time, to keep the order")
                .hasSize(1);
        end(quick, 1);
        queues.awaitPrompt();
        assertThat(answered).containsExactly("quick 2", "quick 1");

        end(hanging, 0);
        queues.awaitAny(Duration.ofSeconds(10));
        queues.start();
        end(hanging, 1);
        queues.awaitAny(Duration.ofSeconds(10));
        assertThat(answered).containsExactly("quick 2", "quick 1", "hanging 2", "hanging 1");
        assertThat(queues.size()).isZero();
    }

    @Test
    void aModelWithTooManyRequestsHoldsUpASharedLaneOnlyForThePatience() throws Exception {
        add(quick, "quick", 1);
        fill(hanging);
        assertThat(queues.isFull()).isTrue();
        assertThat(queues.giveUp()).hasSize(CAPACITY);
        assertThat(queues.isFull()).isFalse();
        assertThat(queues.size()).as("those that are being scored").isEqualTo(MAX_BATCH + 1);
    }

    @Test
    void aModelWithALaneForItselfMayTakeAllTheTimeItNeeds() throws Exception {
        fill(hanging);
        assertThat(queues.isFull()).isTrue();
        assertThat(queues.giveUp()).isEmpty();
    }

    @Test
    void forgetsTheRequestsOfPartitionsThatWereGivenUp() throws Exception {
        PartitionProgress partition = PartitionProgress.from(0);
        fill(hanging);
        queues.add(quick, request(partition), batch -> CompletableFuture.completedFuture(() -> answered.add("quick")));
        partition.release();
        queues.start();
        assertThat(queues.size()).isEqualTo(CAPACITY + MAX_BATCH);
        queues.clear();
        assertThat(queues.size()).isZero();
        end(hanging, 0);
        queues.awaitAny(Duration.ofSeconds(10));
        assertThat(answered).isEmpty();
    }

    /** As many requests as are scored at once, and as many that wait. */
    private void fill(LoadedModel model) throws Exception {
        add(model, "full", MAX_BATCH);
        queues.start();
        add(model, "full", CAPACITY);
        queues.awaitPrompt();
    }

    private void add(LoadedModel model, String name, int count) {
        for (int i = 0; i < count; i++) {
            queues.add(model, request(PartitionProgress.from(0)), batch -> {
                CompletableFuture<Runnable> future = new CompletableFuture<>();
                synchronized (batches) {
                    batches.get(model).add(future);
                    batches.notifyAll();
                }
                return future.thenApply(ignored -> () -> answered.add(name + " " + batch.size()));
            });
        }
    }

    private LaneRequest request(PartitionProgress partition) {
        return new LaneRequest(new ConsumerRecord<>("lane", 0, offset++, new byte[1], new byte[1]), partition, ROUTED);
    }

    private void end(LoadedModel model, int batch) throws InterruptedException {
        synchronized (batches) {
            while (batches.get(model).size() <= batch) {
                batches.wait();
            }
            batches.get(model).get(batch).complete(() -> {});
        }
    }

    private LoadedModel model() {
        LoadedModel model = new LoadedModel() {
            @Override
            public CompletableFuture<List<Answer>> score(List<Map<String, Object>> rows) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {}
        };
        batches.put(model, new ArrayList<>());
        return model;
    }
}

package io.understudy.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.testing.SharedStack;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RegistryIT {

    private static final int PROCESSES = 3;

    @Test
    void severalProcessesRegisterTheSameNewSchemasAtTheSameTime() throws Exception {
        Topics topics = new Topics(SharedStack.prefix(), 1024 * 1024);
        CyclicBarrier start = new CyclicBarrier(PROCESSES);
        ExecutorService executor = Executors.newFixedThreadPool(PROCESSES);
        try {
            List<Future<List<String>>> faults = new ArrayList<>();
            for (int process = 0; process < PROCESSES; process++) {
                faults.add(executor.submit(() -> {
                    try (Registry registry =
                            Registry.connect(SharedStack.get().registryUrl(), Map.of(), Duration.ofSeconds(30))) {
                        start.await();
                        registry.register(topics);
                        return registry.faults(topics.all());
                    }
                }));
            }
            for (Future<List<String>> fault : faults) {
                assertThat(fault.get()).isEmpty();
            }
        } finally {
            executor.shutdownNow();
        }
    }
}

package io.understudy.streams;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks a thread that reads a topic to stop, and ends any wait it is in. Safe for many threads. */
public final class StopSignal {

    private final CountDownLatch requested = new CountDownLatch(1);
    private volatile @Nullable Consumer<?, ?> consumer;

    /** Whether the thread should stop. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Sets the consumer that the thread reads from now on. {@link #request} wakes it. */
    public void wakeOnRequest(Consumer<?, ?> current) {
        consumer = current;
    }

    /** Waits before a retry. Returns early when a stop is requested; an interrupt counts as a request to stop. */
    public void pause(Duration time) {
        try {
            requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            requested.countDown();
        }
    }

    /** Asks the thread to stop. */
    public void request() {
        requested.countDown();
        Consumer<?, ?> current = consumer;
        if (current != null) {
            current.wakeup();
        }
    }
}

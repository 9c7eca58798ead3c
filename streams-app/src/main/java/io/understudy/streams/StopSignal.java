package io.understudy.streams;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;

/** Tells a thread that reads a topic to stop, in whatever it waits. Safe for many threads. */
public final class StopSignal {

    private final CountDownLatch given = new CountDownLatch(1);
    private volatile Consumer<?, ?> reading;

    /** Whether the thread should stop. */
    public boolean isGiven() {
        return given.getCount() == 0;
    }

    /** The consumer that the thread reads from now on, and which is woken when it should stop. */
    public void wakes(Consumer<?, ?> consumer) {
        reading = consumer;
    }

    /** Waits before something is tried again; shorter when the thread should stop, and a thread that is interrupted should. */
    public void pause(Duration time) {
        try {
            given.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            given.countDown();
        }
    }

    /** Has the thread stop. */
    public void give() {
        given.countDown();
        Consumer<?, ?> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        }
    }
}

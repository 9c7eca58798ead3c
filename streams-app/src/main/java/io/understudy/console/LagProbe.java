package io.understudy.console;

import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Measures how far the readers of the topics are behind. */
public interface LagProbe extends AutoCloseable {

    /** The number of unread records of each reader. Contains only readers that have committed an offset. */
    Map<String, Long> lags() throws InterruptedException, ExecutionException;

    @Override
    void close();
}

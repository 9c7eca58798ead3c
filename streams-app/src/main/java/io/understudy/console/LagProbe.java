package io.understudy.console;

import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Asks how far the readers of the topics are behind. */
public interface LagProbe extends AutoCloseable {

    /** Records that each reader has still to read, of those that have ever read. */
    Map<String, Long> lags() throws InterruptedException, ExecutionException;

    @Override
    void close();
}

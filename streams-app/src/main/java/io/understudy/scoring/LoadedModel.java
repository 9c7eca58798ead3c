package io.understudy.scoring;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A model that can be asked. Safe for several threads. */
interface LoadedModel extends AutoCloseable {

    /**
     * Scores a batch.
     *
     * @param rows each request's named features
     * @return an answer a row, in the same order; never fails as a whole
     */
    CompletableFuture<List<Answer>> score(List<Map<String, Object>> rows);

    @Override
    void close();
}

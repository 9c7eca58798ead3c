package io.understudy.scoring;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A model that can score requests. Safe for many threads. */
interface LoadedModel extends AutoCloseable {

    /**
     * Scores a batch.
     *
     * @param rows named features of each request
     * @return one answer per row, in the same order; a failure of a row does not fail the whole batch
     */
    CompletableFuture<List<Answer>> score(List<Map<String, Object>> rows);

    @Override
    void close();
}

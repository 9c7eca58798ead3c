package io.understudy.streams;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * A store without content that runs an action just before its task commits. A processor that holds its state as objects
 * uses the action to write them to a real store once per commit instead of once per record. These writes are part of
 * the same transaction.
 *
 * <p>Kafka Streams calls the store through {@link CachedStateStore}, which is not part of its public API. This is the
 * only place that depends on such a class. A test fails if it stops working.
 */
public final class CommitHook implements StateStore, CachedStateStore<Void, Void> {

    private final String name;
    private Runnable beforeCommit = () -> {};
    private boolean open;

    private CommitHook(String name) {
        this.name = name;
    }

    /** Builds a hook for a topology. */
    public static StoreBuilder<CommitHook> builder(String name) {
        return new Builder(name);
    }

    /** Sets the action to run before each commit. A processor calls this once, in its {@code init}. */
    public void beforeCommit(Runnable action) {
        beforeCommit = action;
    }

    /** Writes what {@code store} has cached, as happens before each commit. */
    public static void flushCache(StateStore store) {
        if (store instanceof CachedStateStore<?, ?> cached) {
            cached.flushCache();
        }
    }

    /** Removes the action. */
    public void release() {
        beforeCommit = () -> {};
    }

    @Override
    public void flushCache() {
        beforeCommit.run();
    }

    @Override
    public void clearCache() {
        // this store has no content
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Void, Void> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    private record Builder(String name) implements StoreBuilder<CommitHook> {

        @Override
        public StoreBuilder<CommitHook> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingDisabled() {
            return this;
        }

        @Override
        public CommitHook build() {
            return new CommitHook(name);
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }
}

package io.understudy.scoring;

import io.understudy.schema.Model;
import io.understudy.schema.RolloutState;
import io.understudy.schema.ScorerKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of every deployment, loaded as soon as a state names them, so that they are there before their first request. A
 * model that no state names any more stays for a while, because a lane may still hold requests for it.
 */
public final class ModelCatalogue implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelCatalogue.class);

    /** How long a request waits for a state that names its model: the lane may be ahead of the state's topic. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration RELOAD_AFTER = Duration.ofSeconds(10);
    private static final Duration RETIRED_AFTER = Duration.ofMinutes(10);

    private final ModelLoader loader;
    private final Map<Key, Entry> entries = new HashMap<>();
    private final List<Entry> replaced = new ArrayList<>();
    private boolean closed;

    /** An empty catalogue that loads through {@code loader}. */
    public ModelCatalogue(ModelLoader loader) {
        this.loader = loader;
    }

    private record Key(String deployment, String version) {}

    /** What is known of a model: one of three. */
    sealed interface Availability {}

    /** It can be asked. */
    record Available(LoadedModel model) implements Availability {}

    /** Another program answers. */
    record LeftToExternal() implements Availability {}

    /** It cannot be asked now. */
    record Unavailable(String why) implements Availability {}

    private static final class Entry {
        private final Model model;
        private Availability availability;
        private long loadedAt;
        private long unnamedSince;

        private Entry(Model model) {
            this.model = model;
        }
    }

    /** Takes note of a deployment's state: loads the models it names. */
    public synchronized void update(RolloutState state) {
        String deployment = state.getDeployment();
        for (Map.Entry<Key, Entry> known : entries.entrySet()) {
            if (known.getKey().deployment().equals(deployment) && known.getValue().unnamedSince == 0) {
                known.getValue().unnamedSince = System.nanoTime();
            }
        }
        models(state).forEach(model -> {
            Entry entry = entries.get(new Key(deployment, model.getVersion()));
            if (entry == null || !entry.model.equals(model)) {
                if (entry != null) {
                    replaced.add(entry);
                }
                entries.put(new Key(deployment, model.getVersion()), load(deployment, new Entry(model)));
            } else {
                entry.unnamedSince = 0;
            }
        });
        retire();
        notifyAll();
    }

    private static Stream<Model> models(RolloutState state) {
        return state.getRollout() == null || state.getRollout().getEndedAt() != null
                ? Stream.of(state.getExisting())
                : Stream.of(state.getExisting(), state.getRollout().getCandidate());
    }

    /** Lets go of what has not been named for a while; not at once, for a worker may be scoring with it. */
    private void retire() {
        entries.values().removeIf(ModelCatalogue::letGoOfOld);
        replaced.removeIf(ModelCatalogue::letGoOfOld);
    }

    private static boolean letGoOfOld(Entry entry) {
        boolean old = entry.unnamedSince != 0 && System.nanoTime() - entry.unnamedSince > RETIRED_AFTER.toNanos();
        if (old) {
            close(entry);
        }
        return old;
    }

    private static void close(Entry entry) {
        if (entry.availability instanceof Available available) {
            available.model().close();
        }
    }

    private Entry load(String deployment, Entry entry) {
        entry.loadedAt = System.nanoTime();
        if (entry.model.getScorer() == ScorerKind.EXTERNAL) {
            entry.availability = new LeftToExternal();
            return entry;
        }
        try {
            entry.availability = new Available(loader.load(entry.model));
            LOG.info("Model loaded: deployment={} version={}", deployment, entry.model.getVersion());
        } catch (UnusableModelException e) {
            entry.availability = new Unavailable(e.getMessage());
            LOG.error(
                    "Model cannot be loaded, its requests are answered with an error: deployment={} version={} cause={}",
                    deployment,
                    entry.model.getVersion(),
                    e.getMessage());
        }
        return entry;
    }

    /** The model that a routed request names; waits a while for one that no state has named yet. */
    synchronized Availability find(String deployment, String version) throws InterruptedException {
        Key key = new Key(deployment, version);
        long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
        Entry entry = entries.get(key);
        while (entry == null) {
            long millis = (giveUpAt - System.nanoTime()) / 1_000_000;
            if (millis <= 0 || closed) {
                // Remembered, or every request for it would wait as long.
                entry = new Entry(Model.newBuilder()
                        .setVersion(version)
                        .setScorer(ScorerKind.UNKNOWN)
                        .build());
                entry.availability =
                        new Unavailable("no state of deployment '" + deployment + "' names version '" + version + "'");
                entry.loadedAt = Long.MAX_VALUE;
                entries.put(key, entry);
                break;
            }
            wait(millis);
            entry = entries.get(key);
        }
        if (entry.availability instanceof Unavailable
                && entry.model.getScorer() != ScorerKind.UNKNOWN
                && System.nanoTime() - entry.loadedAt > RELOAD_AFTER.toNanos()) {
            load(deployment, entry);
        }
        return entry.availability;
    }

    @Override
    public synchronized void close() {
        closed = true;
        entries.values().forEach(ModelCatalogue::close);
        replaced.forEach(ModelCatalogue::close);
        entries.clear();
        replaced.clear();
        notifyAll();
    }
}

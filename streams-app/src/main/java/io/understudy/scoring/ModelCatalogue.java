package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.ScorerKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of every deployment, loaded as soon as a state names them, so that they are there before their first request. Each
 * is loaded on a thread of its own: an inference server that is slow to answer holds up none but its own model. A model that no
 * state names any more stays for a while, because a lane may still hold requests for it.
 */
public final class ModelCatalogue implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelCatalogue.class);

    /** How long a request waits for a state that names its model, and for the model to load: the lane may be ahead. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration RELOAD_AFTER = Duration.ofSeconds(10);
    private static final Duration RETIRED_AFTER = Duration.ofMinutes(10);

    private final ModelLoader loader;
    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
    private final Map<String, Entry> existing = new ConcurrentHashMap<>();
    private final Map<String, String> currentRollouts = new ConcurrentHashMap<>();
    private final Map<String, String> formerRollouts = new ConcurrentHashMap<>();
    private final Map<String, Entry> replacedByPromotion = new ConcurrentHashMap<>();
    private final Queue<Entry> replaced = new ConcurrentLinkedQueue<>();
    private final ExecutorService loading = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "model-loading");
        thread.setDaemon(true);
        return thread;
    });

    /** An empty catalogue that loads through {@code loader}. */
    public ModelCatalogue(ModelLoader loader) {
        this.loader = loader;
    }

    private record Key(String deployment, String version) {}

    /** What is known of a model: one of three. */
    sealed interface Availability {}

    /**
     * It can be asked.
     *
     * @param model the model
     * @param version its version
     */
    record Available(LoadedModel model, String version) implements Availability {}

    /** Another program answers. */
    record LeftToExternal() implements Availability {}

    /** It cannot be asked now. */
    record Unavailable(String why) implements Availability {}

    private static final class Entry {
        private final Key key;
        private final Model model;
        private volatile CompletableFuture<Availability> availability;
        private volatile long loadedAt;
        private volatile long unnamedSince;

        private Entry(Key key, Model model) {
            this.key = key;
            this.model = model;
        }
    }

    /** Takes note of a deployment's state: begins to load the models it names. */
    public synchronized void update(RolloutState state) {
        String deployment = state.getDeployment();
        for (Entry known : entries.values()) {
            if (known.key.deployment().equals(deployment) && known.unnamedSince == 0) {
                known.unnamedSince = System.nanoTime();
            }
        }
        for (Model model : models(state)) {
            name(new Key(deployment, model.getVersion()), model);
        }
        existing.put(
                deployment, entries.get(new Key(deployment, state.getExisting().getVersion())));
        if (state.getRollout() != null) {
            String before = currentRollouts.put(deployment, state.getRollout().getId());
            if (before != null && !before.equals(state.getRollout().getId())) {
                formerRollouts.put(deployment, before);
            }
        }
        former(state)
                .map(former -> entries.get(new Key(deployment, former.getVersion())))
                .ifPresentOrElse(
                        former -> replacedByPromotion.put(deployment, former),
                        () -> replacedByPromotion.remove(deployment));
        entries.values().removeIf(ModelCatalogue::letGoOfOld);
        replaced.removeIf(ModelCatalogue::letGoOfOld);
        notifyAll();
    }

    private static List<Model> models(RolloutState state) {
        List<Model> models = new ArrayList<>(List.of(state.getExisting()));
        if (state.getRollout() != null && state.getRollout().getEndedAt() == null) {
            models.add(state.getRollout().getCandidate());
        }
        former(state).ifPresent(models::add);
        return models;
    }

    /** The model that was live before the last promotion, while its successor is the one that was promoted. */
    private static Optional<Model> former(RolloutState state) {
        return Optional.ofNullable(state.getRollout())
                .filter(rollout -> rollout.getStatus() == RolloutStatus.PROMOTED)
                .filter(rollout -> rollout.getCandidate().equals(state.getExisting()))
                .map(Rollout::getReplaces);
    }

    private void name(Key key, Model model) {
        Entry known = entries.get(key);
        if (known != null && model.equals(known.model)) {
            known.unnamedSince = 0;
            return;
        }
        Entry entry = new Entry(key, model);
        load(entry);
        entries.put(key, entry);
        if (known != null && known.model != null) {
            replaced.add(known);
        }
    }

    /** Lets go of what has not been named for a while; not at once, for a worker may be scoring with it. */
    private static boolean letGoOfOld(Entry entry) {
        boolean old = entry.unnamedSince != 0 && System.nanoTime() - entry.unnamedSince > RETIRED_AFTER.toNanos();
        if (old) {
            close(entry);
        }
        return old;
    }

    private static void close(Entry entry) {
        if (entry.availability.getNow(null) instanceof Available available) {
            available.model().close();
        }
    }

    private void load(Entry entry) {
        entry.loadedAt = System.nanoTime();
        entry.availability = loading(entry);
    }

    private CompletableFuture<Availability> loading(Entry entry) {
        return entry.model.getScorer() == ScorerKind.EXTERNAL
                ? CompletableFuture.completedFuture(new LeftToExternal())
                : CompletableFuture.supplyAsync(() -> loaded(entry), loading);
    }

    private Availability loaded(Entry entry) {
        String version = entry.key.version();
        String why;
        try {
            LoadedModel model = loader.load(entry.model);
            LOG.info("Model loaded: deployment={} version={}", entry.key.deployment(), version);
            return new Available(model, version);
        } catch (UnusableModelException e) {
            why = e.getMessage();
        } catch (RuntimeException | LinkageError e) {
            why = "cannot be loaded: " + e;
        }
        LOG.error(
                "Model cannot be loaded, its requests are answered with an error: deployment={} version={} cause={}",
                entry.key.deployment(),
                version,
                why);
        return new Unavailable(why);
    }

    /** The model that a routed request names; waits a while for one that is not named or not loaded yet. */
    Availability find(String deployment, String version) throws InterruptedException {
        Entry entry = entries.get(new Key(deployment, version));
        return availability(entry == null ? awaitNamed(new Key(deployment, version)) : entry);
    }

    /**
     * The model that a request for the existing model is to be answered by: the one it names, or, when no state names that one
     * any more because the lane was long without a scorer, the one that is live now. While a promoted model is not loaded here, or
     * cannot be, the one it replaced goes on answering: a promotion must not cost anybody an answer.
     */
    Availability findExisting(String deployment, String version) throws InterruptedException {
        Entry live = existing.get(deployment);
        if (live == null) {
            return find(deployment, version);
        }
        Entry named = entries.getOrDefault(new Key(deployment, version), live);
        Entry former = replacedByPromotion.get(deployment);
        if (former != null && named == live) {
            Availability now = live.availability.getNow(null);
            if ((now == null || now instanceof Unavailable)
                    && former.availability.getNow(null) instanceof Available available) {
                if (now != null && isDueAgain(live)) {
                    reload(live);
                }
                return available;
            }
        }
        return availability(named);
    }

    /** Whether another rollout has begun since: nobody compares this one's answers any more. */
    boolean isFormer(String deployment, String rollout) {
        return rollout != null && rollout.equals(formerRollouts.get(deployment));
    }

    private Availability availability(Entry entry) throws InterruptedException {
        Availability availability;
        try {
            availability = entry.availability.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Unavailable("the model is still loading");
        } catch (ExecutionException e) {
            return new Unavailable("the model could not be loaded: " + e.getCause());
        }
        if (availability instanceof Unavailable && isDueAgain(entry)) {
            reload(entry);
        }
        return availability;
    }

    private static boolean isDueAgain(Entry entry) {
        return entry.model != null && System.nanoTime() - entry.loadedAt > RELOAD_AFTER.toNanos();
    }

    /** Tries again; until that is decided, what was said holds, for a request must not wait for each attempt. */
    private synchronized void reload(Entry entry) {
        if (isDueAgain(entry)) {
            entry.loadedAt = System.nanoTime();
            loading(entry).thenAccept(now -> entry.availability = CompletableFuture.completedFuture(now));
        }
    }

    private synchronized Entry awaitNamed(Key key) throws InterruptedException {
        long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
        Entry entry = entries.get(key);
        while (entry == null) {
            long millis = (giveUpAt - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                // Remembered, or every request for it would wait as long.
                entry = new Entry(key, null);
                entry.availability = CompletableFuture.completedFuture(new Unavailable(
                        "no state of deployment '" + key.deployment() + "' names version '" + key.version() + "'"));
                entry.unnamedSince = System.nanoTime();
                entries.put(key, entry);
                break;
            }
            wait(millis);
            entry = entries.get(key);
        }
        return entry;
    }

    @Override
    public synchronized void close() {
        loading.shutdownNow();
        Stream.concat(entries.values().stream(), replaced.stream()).forEach(ModelCatalogue::close);
        entries.clear();
        replaced.clear();
        notifyAll();
    }
}

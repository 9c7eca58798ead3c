package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.External;
import io.understudy.scoring.Availability.Unavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version of a deployment's model, from the first state that names it until some time after the last. It loads on a
 * separate thread, so a slow inference server does not delay other models. Safe for many threads.
 */
final class CataloguedModel {

    private static final Logger LOG = LoggerFactory.getLogger(CataloguedModel.class);

    private static final Duration RELOAD_INTERVAL = Duration.ofSeconds(10);
    private static final Duration RETENTION = Duration.ofMinutes(10);

    private final String deployment;

    /** The model; empty for a version that no state names. */
    private final Optional<Model> model;

    private final Runnable changed;

    private volatile CompletableFuture<Availability> availability;
    private volatile long loadedAt = System.nanoTime();
    private boolean reloading;
    private boolean closed;

    /** When the last state that names it was replaced; 0 while a current state names it. */
    private volatile long unnamedSince;

    private CataloguedModel(
            String deployment, Optional<Model> model, CompletableFuture<Availability> availability, Runnable changed) {
        this.deployment = deployment;
        this.model = model;
        this.availability = availability;
        this.changed = changed;
    }

    /** Creates an entry for a model that a state names, and starts to load it. */
    static CataloguedModel load(
            String deployment, Model model, ModelLoader loader, Executor loading, Runnable changed) {
        CataloguedModel loaded = new CataloguedModel(
                deployment, Optional.of(model), startLoading(deployment, Optional.of(model), loader, loading), changed);
        loaded.availability.thenRun(changed);
        return loaded;
    }

    /**
     * Creates an entry for a version that no state names. Without an entry, every request for it would wait for a
     * state.
     */
    static CataloguedModel unknown(String deployment, String version) {
        CataloguedModel unknown = new CataloguedModel(
                deployment,
                Optional.empty(),
                CompletableFuture.completedFuture(
                        new Unavailable("no state of deployment '" + deployment + "' names version '" + version + "'")),
                () -> {});
        unknown.markUnnamed();
        return unknown;
    }

    private static CompletableFuture<Availability> startLoading(
            String deployment, Optional<Model> model, ModelLoader loader, Executor loading) {
        return model.filter(named -> named.getScorer() != ScorerKind.EXTERNAL)
                .map(named -> CompletableFuture.supplyAsync(() -> tryLoad(deployment, named, loader), loading))
                .orElseGet(() -> CompletableFuture.completedFuture(new External()));
    }

    private static Availability tryLoad(String deployment, Model model, ModelLoader loader) {
        String why;
        try {
            LoadedModel loaded = loader.load(model);
            LOG.info("Model loaded: deployment={} version={}", deployment, model.getVersion());
            return new Available(loaded, model.getVersion());
        } catch (UnusableModelException e) {
            why = String.valueOf(e.getMessage());
        } catch (RuntimeException | Error e) {
            why = "cannot be loaded: " + e;
        }
        LOG.error(
                "Cannot load a model, its requests are answered with an error: deployment={} version={} cause={}",
                deployment,
                model.getVersion(),
                why);
        return new Unavailable(why);
    }

    /** The version; only for a model that a state names. */
    String version() {
        return model.orElseThrow().getVersion();
    }

    /** Whether the model is answered for in {@code lane}, as far as the name of the lane goes. */
    boolean isIn(Lane lane) {
        return lane.name().equals(model.map(Model::getLane));
    }

    /** Whether this is the entry for {@code other}. */
    boolean isFor(Model other) {
        return model.filter(other::equals).isPresent();
    }

    /** Whether this is the entry for a model of version {@code version} that this process runs or calls. */
    boolean isBuiltIn(String version) {
        return model.filter(named -> named.getVersion().equals(version) && named.getScorer() != ScorerKind.EXTERNAL)
                .isPresent();
    }

    /** Records that the current state names the model. */
    void markNamed() {
        unnamedSince = 0;
    }

    /**
     * Records that the current state does not name the model. The model remains available for some time, because its
     * lane may still have requests for it.
     */
    void markUnnamed() {
        if (unnamedSince == 0) {
            unnamedSince = System.nanoTime();
        }
    }

    /** Whether no state has named the model for so long that no worker can still use it. */
    boolean isRetired() {
        return unnamedSince != 0 && System.nanoTime() - unnamedSince > RETENTION.toNanos();
    }

    /** Returns whether the model can score requests. Waits up to {@code timeout} for it to load. */
    Availability await(Duration timeout) throws InterruptedException {
        try {
            return availability.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Unavailable("the model is still loading");
        } catch (ExecutionException e) {
            return new Unavailable("the model could not be loaded: " + e.getCause());
        }
    }

    /** Returns whether the model can score requests; empty while it loads. */
    Optional<Availability> current() {
        return Optional.ofNullable(availability.getNow(null));
    }

    /**
     * Tries again to load the model if the last attempt failed some time ago. The result of that attempt remains until
     * the new attempt has finished.
     */
    synchronized void reloadIfDue(ModelLoader loader, Executor loading) {
        boolean failed = current().filter(Unavailable.class::isInstance).isPresent();
        if (failed
                && !reloading
                && !closed
                && model.isPresent()
                && System.nanoTime() - loadedAt > RELOAD_INTERVAL.toNanos()) {
            reloading = true;
            startLoading(deployment, model, loader, loading).thenAccept(this::reloaded);
        }
    }

    private void reloaded(Availability result) {
        synchronized (this) {
            reloading = false;
            loadedAt = System.nanoTime();
            if (closed) {
                close(result);
                return;
            }
            availability = CompletableFuture.completedFuture(result);
        }
        changed.run();
    }

    synchronized void close() {
        closed = true;
        availability.thenAccept(CataloguedModel::close);
    }

    private static void close(Availability availability) {
        if (availability instanceof Available available) {
            available.model().close();
        }
    }
}

package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.LeftToExternal;
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
 * One version of a deployment's model, from the moment a state names it until it has been unnamed for a while. Loads on a thread of its
 * own, so that a slow inference server holds up no other model. Safe for several threads.
 */
final class CataloguedModel {

    private static final Logger LOG = LoggerFactory.getLogger(CataloguedModel.class);

    private static final Duration RELOAD_AFTER = Duration.ofSeconds(10);
    private static final Duration RETIRED_AFTER = Duration.ofMinutes(10);

    private final String deployment;

    /** Empty for a version that no state names. */
    private final Optional<Model> model;

    private volatile CompletableFuture<Availability> availability;
    private volatile long loadedAt = System.nanoTime();

    /** When states ceased to name it; 0 while one does. */
    private volatile long unnamedSince;

    private CataloguedModel(String deployment, Optional<Model> model, CompletableFuture<Availability> availability) {
        this.deployment = deployment;
        this.model = model;
        this.availability = availability;
    }

    /** A model that a state names; begins to load. */
    static CataloguedModel load(String deployment, Model model, ModelLoader loader, Executor loading) {
        return new CataloguedModel(
                deployment, Optional.of(model), loading(deployment, Optional.of(model), loader, loading));
    }

    /** A version that no state names: remembered, or every request for it would wait for a state. */
    static CataloguedModel unknown(String deployment, String version) {
        CataloguedModel unknown = new CataloguedModel(
                deployment,
                Optional.empty(),
                CompletableFuture.completedFuture(new Unavailable(
                        "no state of deployment '" + deployment + "' names version '" + version + "'")));
        unknown.unnamed();
        return unknown;
    }

    private static CompletableFuture<Availability> loading(
            String deployment, Optional<Model> model, ModelLoader loader, Executor loading) {
        return model.filter(named -> named.getScorer() != ScorerKind.EXTERNAL)
                .map(named -> CompletableFuture.supplyAsync(() -> loaded(deployment, named, loader), loading))
                .orElseGet(() -> CompletableFuture.completedFuture(new LeftToExternal()));
    }

    private static Availability loaded(String deployment, Model model, ModelLoader loader) {
        String why;
        try {
            LoadedModel loaded = loader.load(model);
            LOG.info("Model loaded: deployment={} version={}", deployment, model.getVersion());
            return new Available(loaded, model.getVersion());
        } catch (UnusableModelException e) {
            why = e.getMessage();
        } catch (RuntimeException | LinkageError e) {
            why = "cannot be loaded: " + e;
        }
        LOG.error(
                "Model cannot be loaded, its requests are answered with an error: deployment={} version={} cause={}",
                deployment,
                model.getVersion(),
                why);
        return new Unavailable(why);
    }

    /** Whether a state named {@code other} when it named this. */
    boolean isOf(Model other) {
        return model.filter(other::equals).isPresent();
    }

    /** A state names it. */
    void named() {
        unnamedSince = 0;
    }

    /** No state names it any more; it stays for a while, because its lane may still hold requests for it. */
    void unnamed() {
        if (unnamedSince == 0) {
            unnamedSince = System.nanoTime();
        }
    }

    /** Whether no state has named it for so long that no worker can be scoring with it. */
    boolean isRetired() {
        return unnamedSince != 0 && System.nanoTime() - unnamedSince > RETIRED_AFTER.toNanos();
    }

    /** Whether it can be asked; waits up to {@code patience} for it to load. */
    Availability await(Duration patience) throws InterruptedException {
        try {
            return availability.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Unavailable("the model is still loading");
        } catch (ExecutionException e) {
            return new Unavailable("the model could not be loaded: " + e.getCause());
        }
    }

    /** Whether it can be asked; empty while it loads. */
    Optional<Availability> now() {
        return Optional.ofNullable(availability.getNow(null));
    }

    /** Tries again to load it, when the last attempt failed a while ago; until that is decided, its result stays as it is. */
    synchronized void reloadIfDue(ModelLoader loader, Executor loading) {
        boolean failed = now().filter(Unavailable.class::isInstance).isPresent();
        if (failed && model.isPresent() && System.nanoTime() - loadedAt > RELOAD_AFTER.toNanos()) {
            loadedAt = System.nanoTime();
            loading(deployment, model, loader, loading)
                    .thenAccept(result -> availability = CompletableFuture.completedFuture(result));
        }
    }

    void close() {
        if (availability.getNow(null) instanceof Available available) {
            available.model().close();
        }
    }
}

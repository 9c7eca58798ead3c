package io.understudy.scoring;

import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The models of every deployment. A model loads as soon as a state names it, so that it is ready before its first request. Safe for
 * several threads.
 */
public final class ModelCatalogue implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ModelLoader loader;
    private final Duration patience;
    private final Map<String, DeploymentModels> deployments = new ConcurrentHashMap<>();
    private final ExecutorService loading = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "model-loading");
        thread.setDaemon(true);
        return thread;
    });

    /** An empty catalogue that loads through {@code loader}. */
    public ModelCatalogue(ModelLoader loader) {
        this(loader, PATIENCE);
    }

    /** The same with another patience; see {@link DeploymentModels}. */
    ModelCatalogue(ModelLoader loader, Duration patience) {
        this.loader = loader;
        this.patience = patience;
    }

    /** Follows a deployment's state: begins to load the models it names, and closes models that were replaced a while ago. */
    public void update(RolloutState state) {
        models(state.getDeployment()).update(state);
        deployments.values().forEach(DeploymentModels::closeRetired);
    }

    private DeploymentModels models(String deployment) {
        return deployments.computeIfAbsent(deployment, name -> new DeploymentModels(name, loader, loading, patience));
    }

    /** See {@link DeploymentModels#find}. */
    Availability find(String deployment, String version) throws InterruptedException {
        return models(deployment).find(version);
    }

    /** See {@link DeploymentModels#findExisting}. */
    Availability findExisting(String deployment, String version) throws InterruptedException {
        return models(deployment).findExisting(version);
    }

    /** See {@link DeploymentModels#isFormer}. */
    boolean isFormer(String deployment, String rollout) {
        return models(deployment).isFormer(rollout);
    }

    @Override
    public void close() {
        loading.shutdownNow();
        deployments.values().forEach(DeploymentModels::close);
    }
}

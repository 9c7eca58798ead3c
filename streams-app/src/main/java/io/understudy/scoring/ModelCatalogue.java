package io.understudy.scoring;

import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The models of all deployments. A model starts to load as soon as a state names it, so that it is ready before its
 * first request. Safe for many threads.
 */
public final class ModelCatalogue implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final ModelLoader loader;
    private final Duration timeout;
    private final Map<String, DeploymentModels> deployments = new ConcurrentHashMap<>();
    private final ExecutorService loading = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "model-loading");
        thread.setDaemon(true);
        return thread;
    });

    /** Creates an empty catalogue. */
    public ModelCatalogue(ModelLoader loader) {
        this(loader, TIMEOUT);
    }

    /** Creates an empty catalogue with another timeout; see {@link DeploymentModels}. */
    ModelCatalogue(ModelLoader loader, Duration timeout) {
        this.loader = loader;
        this.timeout = timeout;
    }

    /**
     * Applies a state of a deployment: starts to load the models that it names, and closes models that are no longer
     * used.
     */
    public void update(RolloutState state) {
        models(state.getDeployment()).update(state);
        deployments.values().forEach(DeploymentModels::closeRetired);
    }

    private DeploymentModels models(String deployment) {
        return deployments.computeIfAbsent(deployment, name -> new DeploymentModels(name, loader, loading, timeout));
    }

    /** See {@link DeploymentModels#find}. */
    Availability find(String deployment, String version) throws InterruptedException {
        return models(deployment).find(version);
    }

    /** See {@link DeploymentModels#findExisting}. */
    Availability findExisting(String deployment, String version) throws InterruptedException {
        return models(deployment).findExisting(version);
    }

    /** See {@link DeploymentModels#isDecided}. */
    boolean isDecided(String deployment, String version, boolean existing, boolean builtIn) {
        return models(deployment).isDecided(version, existing, builtIn);
    }

    /** See {@link DeploymentModels#findBuiltIn}. */
    Availability findBuiltIn(String deployment, String version) throws InterruptedException {
        return models(deployment).findBuiltIn(version);
    }

    /** See {@link DeploymentModels#isPreviousRollout}. */
    boolean isPreviousRollout(String deployment, String rollout) {
        return models(deployment).isPreviousRollout(rollout);
    }

    @Override
    public void close() {
        loading.shutdownNow();
        deployments.values().forEach(DeploymentModels::close);
    }
}

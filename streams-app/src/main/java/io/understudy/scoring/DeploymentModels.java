package io.understudy.scoring;

import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.External;
import io.understudy.scoring.Availability.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** The models that the states of one deployment name. Safe for many threads. */
final class DeploymentModels {

    private final String deployment;
    private final ModelLoader loader;
    private final Executor loading;
    private final Duration timeout;
    private final Map<String, CataloguedModel> byVersion = new HashMap<>();

    /** The models whose version was given to another model by a later state. */
    private final List<CataloguedModel> replaced = new ArrayList<>();

    /** Versions that were waited for in vain; the next state may name them. */
    private final Set<String> missing = new HashSet<>();

    private Optional<CataloguedModel> existing = Optional.empty();
    private Optional<CataloguedModel> replacedByPromotion = Optional.empty();
    private Optional<String> currentRollout = Optional.empty();
    private Optional<String> previousRollout = Optional.empty();

    /**
     * Creates an empty set of models.
     *
     * @param timeout how long a request waits for a state that names its model, because the lane may be ahead of the
     *     states, and how long it then waits for the model to load
     */
    DeploymentModels(String deployment, ModelLoader loader, Executor loading, Duration timeout) {
        this.deployment = deployment;
        this.loader = loader;
        this.loading = loading;
        this.timeout = timeout;
    }

    /** Applies a state: starts to load the models that it names. */
    synchronized void update(RolloutState state) {
        byVersion.values().forEach(CataloguedModel::markUnnamed);
        namedBy(state).forEach(this::addOrMark);
        existing = Optional.ofNullable(byVersion.get(state.getExisting().getVersion()));
        replacedByPromotion =
                replacedModel(state).flatMap(model -> Optional.ofNullable(byVersion.get(model.getVersion())));
        Optional<String> rollout = Optional.ofNullable(state.getRollout()).map(Rollout::getId);
        if (rollout.isPresent() && !rollout.equals(currentRollout)) {
            previousRollout = currentRollout;
            currentRollout = rollout;
        }
        missing.clear();
        notifyAll();
    }

    private static List<Model> namedBy(RolloutState state) {
        List<Model> models = new ArrayList<>(List.of(state.getExisting()));
        if (state.getRollout() != null && state.getRollout().getEndedAt() == null) {
            models.add(state.getRollout().getCandidate());
        }
        replacedModel(state).ifPresent(models::add);
        return models;
    }

    /** The model that the last promotion replaced, while the promoted model is the existing one. */
    private static Optional<Model> replacedModel(RolloutState state) {
        return Optional.ofNullable(state.getRollout())
                .filter(rollout -> rollout.getStatus() == RolloutStatus.PROMOTED)
                .filter(rollout -> rollout.getCandidate().equals(state.getExisting()))
                .map(Rollout::getReplaces);
    }

    private void addOrMark(Model model) {
        CataloguedModel known = byVersion.get(model.getVersion());
        if (known != null && known.isFor(model)) {
            known.markNamed();
            return;
        }
        byVersion.put(model.getVersion(), CataloguedModel.load(deployment, model, loader, loading));
        if (known != null) {
            replaced.add(known);
        }
    }

    /** Closes the models that no state has named for some time. */
    synchronized void closeRetired() {
        byVersion.values().stream().filter(CataloguedModel::isRetired).forEach(CataloguedModel::close);
        byVersion.values().removeIf(CataloguedModel::isRetired);
        replaced.stream().filter(CataloguedModel::isRetired).forEach(CataloguedModel::close);
        replaced.removeIf(CataloguedModel::isRetired);
    }

    /** Returns the model of a version. Waits if no state names it yet or if it is not loaded yet. */
    Availability find(String version) throws InterruptedException {
        return await(awaitNamed(version));
    }

    /**
     * Returns the model for a request to the existing model. This is the version that the request names or, if no state
     * names this version any more because the lane had no scorer for a long time, the current existing model. While a
     * promoted model is not loaded here, or cannot be loaded, the model that it replaced continues to answer, so that
     * no answer is lost because of a promotion.
     */
    Availability findExisting(String version) throws InterruptedException {
        Optional<CataloguedModel> named = existingOf(version);
        if (named.isEmpty()) {
            return find(version);
        }
        Optional<Availability> substitute = substituteFor(named.get());
        return substitute.isPresent() ? substitute.get() : await(named.get());
    }

    /**
     * Whether it is known without waiting who answers a request.
     *
     * @param existing whether the existing model is to answer
     * @param builtIn whether a model of this process must answer
     */
    synchronized boolean isDecided(String version, boolean existing, boolean builtIn) {
        Optional<CataloguedModel> model = existing ? existingOf(version) : Optional.ofNullable(byVersion.get(version));
        return model.flatMap(CataloguedModel::current)
                .filter(now -> !(builtIn && now instanceof External))
                .isPresent();
    }

    private synchronized Optional<CataloguedModel> existingOf(String version) {
        return existing.map(current -> byVersion.getOrDefault(version, current));
    }

    /**
     * Returns the model for a request that this process must answer, although the states known here say that an
     * external program does: the last model of that version that was not external. Waits if no state has named one yet.
     */
    Availability findBuiltIn(String version) throws InterruptedException {
        Optional<CataloguedModel> model = awaitBuiltIn(version);
        return model.isPresent()
                ? await(model.get())
                : new Unavailable("version '" + version + "', which was to answer, is not loaded here, and an external"
                        + " program answers deployment '" + deployment + "' now");
    }

    private synchronized Optional<CataloguedModel> awaitBuiltIn(String version) throws InterruptedException {
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        for (Optional<CataloguedModel> model = builtIn(version); ; model = builtIn(version)) {
            long millis = (giveUpAt - System.nanoTime()) / 1_000_000;
            if (model.isPresent() || missing.contains(version)) {
                return model;
            }
            if (millis <= 0) {
                missing.add(version);
                return model;
            }
            wait(millis);
        }
    }

    private Optional<CataloguedModel> builtIn(String version) {
        return Stream.concat(replaced.stream(), Stream.ofNullable(byVersion.get(version)))
                .filter(model -> model.isBuiltIn(version))
                .reduce((earlier, later) -> later);
    }

    /** The model that the promotion of {@code model} replaced, while {@code model} cannot score requests. */
    private synchronized Optional<Availability> substituteFor(CataloguedModel model) {
        boolean usable =
                model.current().filter(now -> !(now instanceof Unavailable)).isPresent();
        if (usable || existing.filter(current -> current == model).isEmpty()) {
            return Optional.empty();
        }
        Optional<Availability> substitute =
                replacedByPromotion.flatMap(CataloguedModel::current).filter(Available.class::isInstance);
        substitute.ifPresent(used -> model.reloadIfDue(loader, loading));
        return substitute;
    }

    private Availability await(CataloguedModel model) throws InterruptedException {
        Availability availability = model.await(timeout);
        if (availability instanceof Unavailable) {
            model.reloadIfDue(loader, loading);
        }
        return availability;
    }

    private synchronized CataloguedModel awaitNamed(String version) throws InterruptedException {
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        for (CataloguedModel model = byVersion.get(version); ; model = byVersion.get(version)) {
            if (model != null) {
                return model;
            }
            long millis = (giveUpAt - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return byVersion.computeIfAbsent(version, absent -> CataloguedModel.unknown(deployment, absent));
            }
            wait(millis);
        }
    }

    /**
     * Whether {@code rollout} is over and another one has started since, so that its answers are no longer compared.
     */
    synchronized boolean isPreviousRollout(String rollout) {
        return previousRollout.filter(rollout::equals).isPresent();
    }

    synchronized void close() {
        byVersion.values().forEach(CataloguedModel::close);
        replaced.forEach(CataloguedModel::close);
        byVersion.clear();
        replaced.clear();
        notifyAll();
    }
}

package io.understudy.scoring;

import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The models of one deployment, as its states have named them. Safe for several threads. */
final class DeploymentModels {

    private final String deployment;
    private final ModelLoader loader;
    private final Executor loading;
    private final Duration patience;
    private final Map<String, CataloguedModel> byVersion = new HashMap<>();

    /** Models whose version a later state gave to another model. */
    private final List<CataloguedModel> replaced = new ArrayList<>();

    private Optional<CataloguedModel> existing = Optional.empty();
    private Optional<CataloguedModel> beforePromotion = Optional.empty();
    private Optional<String> currentRollout = Optional.empty();
    private Optional<String> formerRollout = Optional.empty();

    /**
     * No models yet.
     *
     * @param patience how long a request waits for a state that names its model, because its lane may be ahead of the states, and
     *     then for the model to load
     */
    DeploymentModels(String deployment, ModelLoader loader, Executor loading, Duration patience) {
        this.deployment = deployment;
        this.loader = loader;
        this.loading = loading;
        this.patience = patience;
    }

    /** Follows a state: begins to load the models it names. */
    synchronized void update(RolloutState state) {
        byVersion.values().forEach(CataloguedModel::unnamed);
        models(state).forEach(this::name);
        existing = Optional.of(byVersion.get(state.getExisting().getVersion()));
        beforePromotion = replacedByPromotion(state).map(model -> byVersion.get(model.getVersion()));
        Optional<String> rollout = Optional.ofNullable(state.getRollout()).map(Rollout::getId);
        if (rollout.isPresent() && !rollout.equals(currentRollout)) {
            formerRollout = currentRollout;
            currentRollout = rollout;
        }
        notifyAll();
    }

    private static List<Model> models(RolloutState state) {
        List<Model> models = new ArrayList<>(List.of(state.getExisting()));
        if (state.getRollout() != null && state.getRollout().getEndedAt() == null) {
            models.add(state.getRollout().getCandidate());
        }
        replacedByPromotion(state).ifPresent(models::add);
        return models;
    }

    /** The model that was live before the last promotion, while the promoted model is the existing one. */
    private static Optional<Model> replacedByPromotion(RolloutState state) {
        return Optional.ofNullable(state.getRollout())
                .filter(rollout -> rollout.getStatus() == RolloutStatus.PROMOTED)
                .filter(rollout -> rollout.getCandidate().equals(state.getExisting()))
                .map(Rollout::getReplaces);
    }

    private void name(Model model) {
        CataloguedModel known = byVersion.get(model.getVersion());
        if (known != null && known.isOf(model)) {
            known.named();
            return;
        }
        byVersion.put(model.getVersion(), CataloguedModel.load(deployment, model, loader, loading));
        if (known != null) {
            replaced.add(known);
        }
    }

    /** Closes models that no state has named for a while. */
    synchronized void closeRetired() {
        byVersion.values().stream().filter(CataloguedModel::isRetired).forEach(CataloguedModel::close);
        byVersion.values().removeIf(CataloguedModel::isRetired);
        replaced.stream().filter(CataloguedModel::isRetired).forEach(CataloguedModel::close);
        replaced.removeIf(CataloguedModel::isRetired);
    }

    /** The model of a version; waits a while for one that is not named or not loaded yet. */
    Availability find(String version) throws InterruptedException {
        return await(awaitNamed(version));
    }

    /**
     * The model that answers a request for the existing model: the one it names or, when no state names that one any more because
     * the lane was without a scorer for long, the one that is live now. While a promoted model is not loaded here, or cannot be, the
     * model it replaced goes on answering: a promotion must not cost anyone an answer.
     */
    Availability findExisting(String version) throws InterruptedException {
        Optional<CataloguedModel> named = existingOf(version);
        if (named.isEmpty()) {
            return find(version);
        }
        Optional<Availability> standIn = standInFor(named.get());
        return standIn.isPresent() ? standIn.get() : await(named.get());
    }

    private synchronized Optional<CataloguedModel> existingOf(String version) {
        return existing.map(live -> byVersion.getOrDefault(version, live));
    }

    /** The model that was live before the promotion of {@code model}, while that one cannot be asked. */
    private synchronized Optional<Availability> standInFor(CataloguedModel model) {
        boolean usable =
                model.now().filter(now -> !(now instanceof Unavailable)).isPresent();
        if (usable || existing.filter(live -> live == model).isEmpty()) {
            return Optional.empty();
        }
        Optional<Availability> standIn =
                beforePromotion.flatMap(CataloguedModel::now).filter(Available.class::isInstance);
        standIn.ifPresent(used -> model.reloadIfDue(loader, loading));
        return standIn;
    }

    private Availability await(CataloguedModel model) throws InterruptedException {
        Availability availability = model.await(patience);
        if (availability instanceof Unavailable) {
            model.reloadIfDue(loader, loading);
        }
        return availability;
    }

    private synchronized CataloguedModel awaitNamed(String version) throws InterruptedException {
        long giveUpAt = System.nanoTime() + patience.toNanos();
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

    /** Whether {@code rollout} is over and another has begun since, so that its answers are compared no more. */
    synchronized boolean isFormer(String rollout) {
        return formerRollout.filter(rollout::equals).isPresent();
    }

    synchronized void close() {
        byVersion.values().forEach(CataloguedModel::close);
        replaced.forEach(CataloguedModel::close);
        byVersion.clear();
        replaced.clear();
        notifyAll();
    }
}

package io.understudy.console;

import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The content of the control topics as far as they have been read, in memory and with limits. Safe for many threads.
 */
final class ControlView {

    /** Maximum number of events kept per deployment. */
    private static final int MAX_EVENTS = 2000;

    /** Maximum number of rollouts whose evaluations and states are kept. */
    static final int MAX_ROLLOUTS = 100;

    /** When the broker has not answered for this time, the data may be out of date. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    /** Receives everything that arrives after it was added. The reader's thread calls it, so it must not block. */
    interface Listener {
        void state(RolloutState state);

        void event(RolloutEvent event);

        void evaluation(RolloutEvaluation evaluation);
    }

    private final InstantSource clock;
    private final Map<String, RolloutState> states = new TreeMap<>();
    private final Map<String, Deque<RolloutEvent>> events = new HashMap<>();
    private final Map<String, EvaluationLog> evaluations = new RecentRollouts<>();
    private final Map<String, RolloutState> lastStates = new RecentRollouts<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Instant lastContact = Instant.MIN;
    private volatile boolean caughtUp;

    ControlView(InstantSource clock) {
        this.clock = clock;
    }

    /** Values by rollout. When it is full, it drops the rollout that was used least recently. */
    private static final class RecentRollouts<T> extends LinkedHashMap<String, T> {
        private static final long serialVersionUID = 1L;

        RecentRollouts() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > MAX_ROLLOUTS;
        }
    }

    void addListener(Listener listener) {
        listeners.add(listener);
    }

    void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    void state(RolloutState state) {
        synchronized (this) {
            states.put(state.getDeployment(), state);
        }
        listeners.forEach(listener -> listener.state(state));
    }

    /** Removes the state of a deployment. */
    synchronized void removeState(String deployment) {
        states.remove(deployment);
    }

    void event(RolloutEvent event) {
        synchronized (this) {
            Deque<RolloutEvent> known = events.computeIfAbsent(event.getDeployment(), absent -> new ArrayDeque<>());
            // The state is large, and only the last state of a rollout is needed.
            known.add(RolloutEvent.newBuilder(event).setState(null).build());
            if (event.getState() != null && event.getState().getRollout() != null) {
                lastStates.put(event.getState().getRollout().getId(), event.getState());
            }
            if (known.size() > MAX_EVENTS) {
                known.remove();
            }
        }
        listeners.forEach(listener -> listener.event(event));
    }

    void evaluation(RolloutEvaluation evaluation) {
        synchronized (this) {
            evaluations
                    .computeIfAbsent(evaluation.getRollout(), absent -> new EvaluationLog())
                    .add(evaluation);
        }
        listeners.forEach(listener -> listener.evaluation(evaluation));
    }

    /** Records that the broker has just answered. */
    void contact() {
        lastContact = clock.instant();
    }

    /** Records that everything that was on the topics when reading began has been read. */
    void caughtUp() {
        caughtUp = true;
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** When the broker last answered; {@link Instant#MIN} before the first time. */
    Instant asOf() {
        return lastContact;
    }

    /** Whether the data may be out of date. */
    boolean isStale() {
        return !caughtUp || lastContact.isBefore(clock.instant().minus(FRESH));
    }

    synchronized List<RolloutState> states() {
        return List.copyOf(states.values());
    }

    synchronized Optional<RolloutState> state(String deployment) {
        return Optional.ofNullable(states.get(deployment));
    }

    /** The events of the deployment, oldest first. */
    synchronized List<RolloutEvent> events(String deployment) {
        return new ArrayList<>(events.getOrDefault(deployment, new ArrayDeque<>()));
    }

    /** The event that answered the command. */
    Optional<RolloutEvent> answer(String deployment, String commandId) {
        return events(deployment).stream()
                .filter(event -> commandId.equals(event.getCommandId()))
                .findFirst();
    }

    /** The deployment that has, or had, a rollout with this identifier. */
    synchronized Optional<String> deploymentOf(String rollout) {
        return events.entrySet().stream()
                .filter(entry -> entry.getValue().stream().anyMatch(event -> rollout.equals(event.getRollout())))
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> states.values().stream()
                        .filter(state -> hasId(state.getRollout(), rollout))
                        .map(RolloutState::getDeployment)
                        .findFirst());
    }

    /** The current state of a rollout, or the last known state of an earlier rollout. */
    synchronized Optional<RolloutState> lastStateOf(String deployment, String rollout) {
        return Optional.ofNullable(states.get(deployment))
                .filter(state -> hasId(state.getRollout(), rollout))
                .or(() -> Optional.ofNullable(lastStates.get(rollout)));
    }

    private static boolean hasId(@Nullable Rollout rollout, String id) {
        return rollout != null && rollout.getId().equals(id);
    }

    /** Identifiers of the rollouts of the deployment, newest first. */
    List<String> rollouts(String deployment) {
        List<String> found = new ArrayList<>();
        for (RolloutEvent event : events(deployment)) {
            if (event.getRollout() != null && !found.contains(event.getRollout())) {
                found.add(0, event.getRollout());
            }
        }
        state(deployment).map(RolloutState::getRollout).map(Rollout::getId).ifPresent(current -> {
            if (!found.contains(current)) {
                found.add(0, current);
            }
        });
        return found;
    }

    /**
     * The evaluations of the rollout for windows that ended after {@code since}, oldest first. Older ones are thinned
     * out.
     */
    synchronized List<RolloutEvaluation> evaluations(String rollout, Instant since) {
        EvaluationLog log = evaluations.get(rollout);
        return log == null ? List.of() : log.since(since);
    }

    /** The last event that changed the deployment. */
    synchronized Optional<RolloutEvent> lastChange(String deployment) {
        Deque<RolloutEvent> known = events.getOrDefault(deployment, new ArrayDeque<>());
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(known.descendingIterator(), Spliterator.ORDERED), false)
                .filter(event -> event.getType() != RolloutEventType.REJECTED)
                .findFirst();
    }

    synchronized Optional<RolloutEvaluation> lastEvaluation(String rollout) {
        return Optional.ofNullable(evaluations.get(rollout)).flatMap(EvaluationLog::last);
    }
}

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

/** What the control topics say, as far as they have been read: no more than a reader's memory of them. Safe for many threads. */
final class ControlView {

    /** Events of one deployment that are remembered. */
    static final int MOST_EVENTS = 2000;

    /** Rollouts whose evaluations are remembered; the ones not heard of for longest are forgotten first. */
    private static final int MOST_ROLLOUTS = 100;

    /** Without a word from the broker for so long, what is shown may be out of date. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    /** Hears what comes after it was added. Called by the reader's thread, and must return at once. */
    interface Listener {
        void state(RolloutState state);

        void event(RolloutEvent event);

        void evaluation(RolloutEvaluation evaluation);
    }

    private final InstantSource clock;
    private final Map<String, RolloutState> states = new TreeMap<>();
    private final Map<String, Deque<RolloutEvent>> events = new HashMap<>();
    private final Map<String, EvaluationLog> evaluations = new Latest<>();
    private final Map<String, RolloutState> lastStates = new Latest<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Instant contact = Instant.MIN;
    private volatile boolean caughtUp;

    ControlView(InstantSource clock) {
        this.clock = clock;
    }

    /** What is remembered by rollout; the one not heard of for longest is forgotten first. */
    private static final class Latest<T> extends LinkedHashMap<String, T> {
        private static final long serialVersionUID = 1L;

        Latest() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > MOST_ROLLOUTS;
        }
    }

    void listen(Listener listener) {
        listeners.add(listener);
    }

    void forget(Listener listener) {
        listeners.remove(listener);
    }

    void state(RolloutState state) {
        synchronized (this) {
            states.put(state.getDeployment(), state);
        }
        listeners.forEach(listener -> listener.state(state));
    }

    /** The deployment's state is no more. */
    synchronized void stateGone(String deployment) {
        states.remove(deployment);
    }

    void event(RolloutEvent event) {
        synchronized (this) {
            Deque<RolloutEvent> known = events.computeIfAbsent(event.getDeployment(), absent -> new ArrayDeque<>());
            // The state is large, and of a rollout only the last one is of use.
            known.add(RolloutEvent.newBuilder(event).setState(null).build());
            if (event.getState() != null && event.getState().getRollout() != null) {
                lastStates.put(event.getState().getRollout().getId(), event.getState());
            }
            if (known.size() > MOST_EVENTS) {
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

    /** The broker has answered just now. */
    void contact() {
        contact = clock.instant();
    }

    /** Everything that was on the topics when reading began has been read. */
    void caughtUp() {
        caughtUp = true;
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** When the broker last answered; {@link Instant#MIN} before the first time. */
    Instant asOf() {
        return contact;
    }

    /** Whether what is shown may be out of date. */
    boolean isStale() {
        return !caughtUp || contact.isBefore(clock.instant().minus(FRESH));
    }

    synchronized List<RolloutState> states() {
        return List.copyOf(states.values());
    }

    synchronized Optional<RolloutState> state(String deployment) {
        return Optional.ofNullable(states.get(deployment));
    }

    /** The deployment's events, oldest first. */
    synchronized List<RolloutEvent> events(String deployment) {
        return new ArrayList<>(events.getOrDefault(deployment, new ArrayDeque<>()));
    }

    /** The event that answered a command. */
    Optional<RolloutEvent> answer(String deployment, String commandId) {
        return events(deployment).stream()
                .filter(event -> commandId.equals(event.getCommandId()))
                .findFirst();
    }

    /** The deployment that has, or had, a rollout of this identifier. */
    synchronized Optional<String> deploymentOf(String rollout) {
        return events.entrySet().stream()
                .filter(entry -> entry.getValue().stream().anyMatch(event -> rollout.equals(event.getRollout())))
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> states.values().stream()
                        .filter(state -> state.getRollout() != null
                                && state.getRollout().getId().equals(rollout))
                        .map(RolloutState::getDeployment)
                        .findFirst());
    }

    /** A rollout as it is, or as it was when it was last heard of. */
    synchronized Optional<RolloutState> lastStateOf(String deployment, String rollout) {
        return Optional.ofNullable(states.get(deployment))
                .filter(state -> is(state.getRollout(), rollout))
                .or(() -> Optional.ofNullable(lastStates.get(rollout)));
    }

    private static boolean is(Rollout rollout, String id) {
        return rollout != null && rollout.getId().equals(id);
    }

    /** Identifiers of the deployment's rollouts, the latest first. */
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

    /** The rollout's evaluations of windows that ended after {@code since}, oldest first; older ones are thinned out. */
    synchronized List<RolloutEvaluation> evaluations(String rollout, Instant since) {
        EvaluationLog log = evaluations.get(rollout);
        return log == null ? List.of() : log.since(since);
    }

    /** The last event that changed the deployment. */
    synchronized Optional<RolloutEvent> lastStep(String deployment) {
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

package io.understudy.control;

import io.understudy.control.Inspections.Result;
import io.understudy.reason.ReasonCode;
import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.RolloutMachine;
import io.understudy.schema.Model;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutVerb;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The commands that wait because a model is inspected first. While a deployment's command waits for an inspection, later
 * commands of this deployment wait behind it, in their order; other deployments go on. An abort does not wait: no
 * rollout of the deployment is active then, so what it can stop are the starts that wait, and it cancels them.
 *
 * <p>The commands are in a store with a changelog. After a crash or a move of the partition, the model is inspected
 * again.
 */
final class CommandQueue {

    /** How many commands of a deployment may wait. Each is a few hundred kilobytes at most. */
    static final int MAX_WAITING = 20;

    private static final Set<RolloutVerb> STARTS = EnumSet.of(RolloutVerb.START, RolloutVerb.RETRY);

    private static final ModelInspection NONE = model -> {
        throw new IllegalStateException("version " + model.getVersion() + " was not inspected");
    };

    private final KeyValueStore<String, byte[]> store;
    private final Inspections inspections;
    private final Handler handler;
    private final Map<String, Deque<Waiting>> queues = new HashMap<>();

    /** Creates a queue and fills it with the commands in the store. */
    CommandQueue(KeyValueStore<String, byte[]> store, Inspections inspections, Handler handler) {
        this.store = store;
        this.inspections = inspections;
        this.handler = handler;
        List<KeyValue<String, byte[]>> stored = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> entries = store.all()) {
            entries.forEachRemaining(stored::add);
        }
        for (KeyValue<String, byte[]> entry : stored) {
            handler.decode(entry.key, entry.value)
                    .ifPresentOrElse(
                            command -> queue(command).add(new Waiting(entry.key, command)),
                            () -> store.delete(entry.key));
        }
        handler.waiting(waiting());
    }

    /** What is done with commands. A failure of one of these methods is the caller's. */
    interface Handler {

        /** Reads a stored command; empty when it cannot be read, which the handler reports. */
        Optional<RolloutCommand> decode(String key, byte[] value);

        /** The model that must be inspected before the command can be applied. */
        Optional<Model> modelToInspect(RolloutCommand command);

        /** Whether the command is an abort that finds nothing to abort in the state of its deployment. */
        boolean findsNothingToAbort(RolloutCommand command);

        /** Applies a command to the state of its deployment, and writes what follows. */
        void apply(RolloutCommand command, ModelInspection inspected);

        /** Rejects a command. */
        void reject(RolloutCommand command, ReasonCode code, String reason);

        /** Passes over a command that waits already. */
        void repeated(RolloutCommand command);

        /** Takes note of the number of commands that wait. */
        void waiting(int commands);
    }

    private static final class Waiting {
        private final String key;
        private final RolloutCommand command;
        private Optional<Model> model = Optional.empty();
        private Optional<CompletableFuture<Result>> inspection = Optional.empty();

        private Waiting(String key, RolloutCommand command) {
            this.key = key;
            this.command = command;
        }
    }

    private Deque<Waiting> queue(RolloutCommand command) {
        return queues.computeIfAbsent(command.getDeployment(), absent -> new ArrayDeque<>());
    }

    /**
     * Takes a command that has arrived.
     *
     * @param offset offset of the command, by which the commands of a deployment are ordered
     * @param value the command as it was received
     */
    void admit(RolloutCommand command, long offset, byte[] value) {
        Deque<Waiting> queue = queues.get(command.getDeployment());
        if (queue == null) {
            if (handler.modelToInspect(command).isEmpty()) {
                handler.apply(command, NONE);
            } else {
                add(command, offset, value);
                settle(command.getDeployment());
            }
        } else if (queue.stream().anyMatch(waiting -> waiting.command.getId().equals(command.getId()))) {
            handler.repeated(command);
        } else if (!RolloutMachine.isWellFormed(command) || command.getVerb() == RolloutVerb.OPEN_BREAKER) {
            // A breaker names its rollout and epoch, and those of a start that waits do not exist yet.
            handler.apply(command, NONE);
        } else if (command.getVerb() == RolloutVerb.ABORT) {
            abort(queue, command);
        } else if (queue.size() >= MAX_WAITING) {
            handler.reject(
                    command,
                    ReasonCode.TOO_MANY_WAITING,
                    MAX_WAITING
                            + " commands of the deployment wait for the inspection of a model; send it again later");
        } else {
            add(command, offset, value);
        }
    }

    private void add(RolloutCommand command, long offset, byte[] value) {
        String key = String.format(Locale.ROOT, "%s\0%019d", command.getDeployment(), offset);
        store.put(key, value);
        queue(command).add(new Waiting(key, command));
        handler.waiting(waiting());
    }

    private void abort(Deque<Waiting> queue, RolloutCommand abort) {
        List<Waiting> starts = queue.stream()
                .filter(waiting -> STARTS.contains(waiting.command.getVerb()))
                .toList();
        if (starts.isEmpty() || abort.getRollout() != null || !handler.findsNothingToAbort(abort)) {
            // An abort that names a rollout is for another one: those that wait have no name yet.
            handler.apply(abort, NONE);
            return;
        }
        for (Waiting start : starts) {
            queue.remove(start);
            discard(start);
            handler.reject(
                    start.command,
                    ReasonCode.START_CANCELLED,
                    "ABORT " + abort.getId() + " by " + abort.getActor()
                            + " came before the candidate had been inspected");
        }
        handler.reject(
                abort,
                ReasonCode.START_CANCELLED,
                "no rollout was active yet; "
                        + String.join(
                                " and ",
                                starts.stream()
                                        .map(start -> start.command.getVerb() + " " + start.command.getId())
                                        .toList())
                        + " waited for the inspection of the candidate and will not be followed");
        settle(abort.getDeployment());
    }

    private void discard(Waiting waiting) {
        waiting.inspection.ifPresent(inspection -> inspection.cancel(true));
        store.delete(waiting.key);
        handler.waiting(waiting());
    }

    /** Applies the commands whose inspection has ended, and those behind them. */
    void settle() {
        if (!queues.isEmpty()) {
            new ArrayList<>(queues.keySet()).forEach(this::settle);
        }
    }

    private void settle(String deployment) {
        Deque<Waiting> queue = queues.getOrDefault(deployment, new ArrayDeque<>());
        for (Iterator<Waiting> commands = queue.iterator(); commands.hasNext(); ) {
            Waiting first = commands.next();
            if (first.inspection.isEmpty()) {
                first.model = handler.modelToInspect(first.command);
                first.inspection = first.model.map(inspections::begin);
            }
            if (!first.inspection.map(CompletableFuture::isDone).orElse(true)) {
                return;
            }
            commands.remove();
            discard(first);
            handler.apply(first.command, inspected(first));
        }
        queues.remove(deployment);
    }

    private static ModelInspection inspected(Waiting waiting) {
        return asked -> {
            if (!waiting.model.equals(Optional.of(asked))) {
                return NONE.inspect(asked);
            }
            Result result = waiting.inspection.orElseThrow().join();
            if (result instanceof Result.Unusable unusable) {
                throw unusable.why();
            }
            return ((Result.Usable) result).model();
        };
    }

    private int waiting() {
        return queues.values().stream().mapToInt(Deque::size).sum();
    }

    /** Ends the inspections that are under way. The commands stay in the store. */
    void close() {
        queues.values().forEach(queue -> queue.forEach(waiting -> waiting.inspection.ifPresent(i -> i.cancel(true))));
        queues.clear();
        handler.waiting(0);
    }
}

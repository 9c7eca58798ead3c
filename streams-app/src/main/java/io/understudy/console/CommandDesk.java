package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends commands of many clients, and gives each the event that answers it, or a timeout. Safe for many threads. */
final class CommandDesk implements ControlView.Listener {

    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Topics topics;
    private final Producer<byte[], byte[]> producer;
    private final Encoder<RolloutCommand> commands;
    private final ControlView view;
    private final Map<String, CompletableFuture<RolloutEvent>> waiting = new ConcurrentHashMap<>();

    CommandDesk(Topics topics, Registry registry, Producer<byte[], byte[]> producer, ControlView view) {
        this.topics = topics;
        this.producer = producer;
        this.commands = registry.encoder(topics.rolloutCommands());
        this.view = view;
    }

    /** Sends a command, unless one of its identifier was answered before; fails when the broker does not take it. */
    CompletableFuture<RolloutEvent> send(RolloutCommand command) {
        Optional<RolloutEvent> known = view.answer(command.getDeployment(), command.getId());
        if (known.isPresent()) {
            return CompletableFuture.completedFuture(known.get());
        }
        CompletableFuture<RolloutEvent> answer =
                waiting.computeIfAbsent(command.getId(), absent -> new CompletableFuture<>());
        producer.send(
                new ProducerRecord<>(
                        topics.rolloutCommands().name(),
                        command.getDeployment().getBytes(UTF_8),
                        commands.encode(command)),
                (metadata, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer.orTimeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((event, failure) -> waiting.remove(command.getId()));
    }

    @Override
    public void event(RolloutEvent event) {
        CompletableFuture<RolloutEvent> answer =
                event.getCommandId() == null ? null : waiting.get(event.getCommandId());
        if (answer != null) {
            answer.complete(event);
        }
    }

    @Override
    public void state(RolloutState state) {
        // A command is answered by an event.
    }

    @Override
    public void evaluation(RolloutEvaluation evaluation) {
        // A command is answered by an event.
    }
}

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

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

    /** Sends a command, unless one of its identifier is under way or was answered before; fails when the broker does not take it. */
    CompletableFuture<RolloutEvent> send(RolloutCommand command) {
        byte[] value = encode(command);
        String key = key(command.getDeployment(), command.getId());
        CompletableFuture<RolloutEvent> answer = new CompletableFuture<>();
        CompletableFuture<RolloutEvent> underWay = waiting.putIfAbsent(key, answer);
        if (underWay != null) {
            return underWay;
        }
        answer.orTimeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((event, failure) -> waiting.remove(key, answer));
        // Looked up only now: an answer that comes between would be missed the other way round.
        view.answer(command.getDeployment(), command.getId())
                .ifPresentOrElse(answer::complete, () -> send(command.getDeployment(), value, answer));
        return answer;
    }

    private void send(String deployment, byte[] value, CompletableFuture<RolloutEvent> answer) {
        try {
            producer.send(
                    new ProducerRecord<>(topics.rolloutCommands().name(), deployment.getBytes(UTF_8), value),
                    (metadata, failure) -> {
                        if (failure != null) {
                            answer.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException e) {
            answer.completeExceptionally(e);
        }
    }

    /** An encoder is for one thread at a time. */
    private byte[] encode(RolloutCommand command) {
        synchronized (commands) {
            return commands.encode(command);
        }
    }

    /** A deployment's name has no slash in it. */
    private static String key(String deployment, String id) {
        return deployment + "/" + id;
    }

    @Override
    public void event(RolloutEvent event) {
        CompletableFuture<RolloutEvent> answer =
                event.getCommandId() == null ? null : waiting.get(key(event.getDeployment(), event.getCommandId()));
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

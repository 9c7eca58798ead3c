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

/**
 * Sends the commands of many clients. Each client gets the event that answers its command, or a timeout. Safe for many
 * threads.
 */
final class CommandDesk implements ControlView.Listener {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

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

    /**
     * Sends a command. A command whose identifier is in progress or already answered is not sent again; it gets the
     * same answer. The future fails when the broker does not accept the command.
     */
    CompletableFuture<RolloutEvent> send(RolloutCommand command) {
        byte[] value = encode(command);
        String key = key(command.getDeployment(), command.getId());
        CompletableFuture<RolloutEvent> answer = new CompletableFuture<>();
        CompletableFuture<RolloutEvent> inProgress = waiting.putIfAbsent(key, answer);
        if (inProgress != null) {
            return inProgress;
        }
        answer.orTimeout(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((event, failure) -> waiting.remove(key, answer));
        // Look up the answer after the registration above: in the other order, an answer in between would be lost.
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

    /** Synchronized because an encoder serves one thread at a time. */
    private byte[] encode(RolloutCommand command) {
        synchronized (commands) {
            return commands.encode(command);
        }
    }

    /** The keys are unique because the name of a deployment contains no slash. */
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
        // Only events answer commands.
    }

    @Override
    public void evaluation(RolloutEvaluation evaluation) {
        // Only events answer commands.
    }
}

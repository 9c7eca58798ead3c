package io.understudy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.reason.ReasonCode;
import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.UndecodableException;
import io.understudy.rollout.RolloutMachine;
import io.understudy.rollout.Transition;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.streams.TaskProcessor;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.UnusableRecordException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes commands and evaluations to the state machine of their deployment. What they change happens when this
 * controller accepts them, by its own clock: a sender's clock may be wrong, and a record may have waited for a
 * controller. A replay of the topics gives the same states, with later times.
 */
final class ControlProcessor implements TaskProcessor.Work<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(ControlProcessor.class);

    private static final int MAX_KEY_BYTES = 1000;
    private static final int MAX_REASON_LENGTH = 1000;

    private final ControlContext control;
    private final RolloutMachine machine;
    private final Decoder<RolloutCommand> commands;
    private final Decoder<RolloutEvaluation> evaluations;
    private final Decoder<RolloutState> stateDecoder;
    private final Encoder<RolloutState> stateEncoder;
    private final Encoder<RolloutEvent> events;
    private final DeadLetters deadLetters;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<String, byte[]> states;

    ControlProcessor(ControlContext control) {
        this.control = control;
        this.machine = new RolloutMachine(control.inspection(), control.topics().lanes());
        this.commands = control.registry().decoder(control.topics().rolloutCommands(), RolloutCommand.class);
        this.evaluations = control.registry().decoder(control.topics().rolloutEvaluations(), RolloutEvaluation.class);
        this.stateDecoder = control.registry().decoder(control.topics().rolloutState(), RolloutState.class);
        this.stateEncoder = control.registry().encoder(control.topics().rolloutState());
        this.events = control.registry().encoder(control.topics().rolloutEvents());
        this.deadLetters = new DeadLetters(control.topics().deadLetters());
    }

    /** Returns a supplier for the topology. */
    static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(ControlContext control) {
        return TaskProcessor.supplier(context -> {
            ControlProcessor processor = new ControlProcessor(control);
            processor.init(context);
            return processor;
        });
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.states = context.getStateStore(ControlNames.STATE_STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        FaultHandler.process(() -> {
                    if (isEvaluation()) {
                        apply(record, evaluation(record));
                    } else {
                        apply(record, command(record));
                    }
                })
                .ifPresent(why -> deadLetter(record, why));
    }

    @Override
    public void setAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        deadLetter(record, why);
    }

    private boolean isEvaluation() {
        return context.recordMetadata()
                .orElseThrow()
                .topic()
                .equals(control.topics().rolloutEvaluations().name());
    }

    private RolloutEvaluation evaluation(Record<byte[], byte[]> record) throws UnusableRecordException {
        RolloutEvaluation evaluation = evaluations.decode(record.value());
        checkKey("evaluation", evaluation.getDeployment(), record.key());
        return evaluation;
    }

    private static void checkKey(String what, String deployment, byte @Nullable [] bytes)
            throws UnusableRecordException {
        String key = bytes == null ? null : new String(bytes, UTF_8);
        if (!deployment.equals(key)) {
            throw new UnusableRecordException(
                    DeadLetterReason.WRONG_KEY,
                    "the " + what + " is for '" + deployment + "', but its key is '" + key
                            + "'; the key must be the deployment, or the order is lost");
        }
    }

    private RolloutCommand command(Record<byte[], byte[]> record) throws UnusableRecordException {
        RolloutCommand command = commands.decode(record.value());
        checkKey("command", command.getDeployment(), record.key());
        return command;
    }

    private void apply(Record<byte[], byte[]> record, RolloutCommand command) {
        String deployment = command.getDeployment();
        Transition transition = machine.apply(state(deployment), command, now());
        forward(record, deployment, transition);
        count(command, transition);
    }

    private void apply(Record<byte[], byte[]> record, RolloutEvaluation evaluation) {
        String deployment = evaluation.getDeployment();
        Transition transition = machine.apply(state(deployment), evaluation, now());
        forward(record, deployment, transition);
        transition
                .event()
                .ifPresent(event -> LOG.info(
                        "Evidence changed the rollout: deployment={} rollout={} event={} cause={}",
                        deployment,
                        event.getRollout(),
                        event.getType(),
                        event.getReason()));
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }

    private Optional<RolloutState> state(String deployment) {
        byte[] bytes = states.get(deployment);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(stateDecoder.decode(bytes));
        } catch (UndecodableException e) {
            // The command is not to blame. Only DEPLOY is accepted now, which writes a state that can be read.
            control.meters().unreadableState();
            LOG.error(
                    "Cannot read a rollout state, as if there were none: deployment={} cause={}",
                    deployment,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void forward(Record<byte[], byte[]> cause, String deployment, Transition transition) {
        transition.state().ifPresent(after -> {
            byte[] bytes = stateEncoder.encode(after);
            states.put(deployment, bytes);
            context.forward(causedBy(cause, bytes), ControlNames.STATES);
        });
        transition
                .event()
                .ifPresent(event -> context.forward(causedBy(cause, events.encode(event)), ControlNames.EVENTS));
        if (transition.state().isPresent()) {
            // An abort must not wait for the next regular commit.
            context.commit();
        }
    }

    /** A record with the key of its cause, and without headers. */
    private Record<byte[], byte[]> causedBy(Record<byte[], byte[]> cause, byte[] value) {
        return new Record<>(cause.key(), value, context.currentSystemTimeMs());
    }

    private void count(RolloutCommand command, Transition transition) {
        String verb = command.getVerb().name();
        if (transition.event().isEmpty()) {
            control.meters().commandRepeated(verb);
        } else if (transition.event().get().getType() == RolloutEventType.REJECTED) {
            control.meters().commandRejected(verb);
        } else {
            control.meters().commandAccepted(verb);
        }
    }

    /** A reason may repeat what the command says, and an event must fit in its topic. */
    private static String shortened(String reason) {
        return reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH) + "...";
    }

    /**
     * Writes a record to the dead letters. An unreadable command with a usable key also gets an event that rejects it.
     */
    private void deadLetter(Record<byte[], byte[]> record, UnusableRecordException cause) {
        Record<byte[], byte[]> letter =
                deadLetters.record(record, context.recordMetadata().orElseThrow(), ControlContext.ROLE, cause);
        context.forward(letter, ControlNames.DEAD_LETTERS);
        control.meters().deadLetter(cause.reason());
        if (!isEvaluation() && record.key() != null && record.key().length <= MAX_KEY_BYTES) {
            String deployment = new String(record.key(), UTF_8);
            RolloutEvent rejected = RolloutEvent.newBuilder()
                    .setDeployment(deployment)
                    .setType(RolloutEventType.REJECTED)
                    .setActor(ControlContext.ROLE)
                    .setCode(ReasonCode.COMMAND_UNREADABLE.name())
                    .setReason(shortened(String.valueOf(cause.getMessage())))
                    .setStateVersion(
                            state(deployment).map(RolloutState::getVersion).orElse(0L))
                    .setAt(now())
                    .build();
            context.forward(causedBy(record, events.encode(rejected)), ControlNames.EVENTS);
        }
    }
}

package io.understudy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.reason.ReasonCode;
import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.SchemaHeader;
import io.understudy.registry.UndecodableException;
import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.RolloutMachine;
import io.understudy.rollout.Transition;
import io.understudy.schema.Model;
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
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes commands and evaluations to the state machine of their deployment. What they change happens when this
 * controller accepts them, by its own clock: a sender's clock may be wrong, and a record may have waited for a
 * controller. A replay of the topics gives the same states, with later times.
 */
final class ControlProcessor implements TaskProcessor.Work<byte[], byte[], byte[], byte[]>, CommandQueue.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(ControlProcessor.class);

    private static final int MAX_KEY_BYTES = 1000;
    private static final int MAX_REASON_LENGTH = 1000;

    private static final Duration READINESS_INTERVAL = Duration.ofMillis(100);

    /** After this, a decision that changed nothing is made again. */
    private static final Duration DECISION_TIMEOUT = Duration.ofSeconds(10);
    /** How often the controller looks for inspections that have ended. */
    private static final Duration SETTLE_INTERVAL = Duration.ofMillis(20);

    private static final Set<ReasonCode> NOTHING_TO_ABORT =
            EnumSet.of(ReasonCode.DEPLOYMENT_UNKNOWN, ReasonCode.NO_ROLLOUT, ReasonCode.ROLLOUT_ENDED);

    private final ControlContext control;
    private final RolloutMachine verdicts = new RolloutMachine(model -> model);
    private final Decoder<RolloutCommand> commands;
    private final Decoder<RolloutEvaluation> evaluations;
    private final Decoder<RolloutState> stateDecoder;
    private final Encoder<RolloutState> stateEncoder;
    private final Encoder<RolloutEvent> events;
    private final Headers stateHeaders;
    private final Headers eventHeaders;
    private final DeadLetters deadLetters;
    private final ReadinessCheck readiness;
    private final Encoder<RolloutCommand> ownCommands;

    /** When each wait for readiness was decided; {@link Instant#MIN} for those that are not. Loaded at the first use. */
    private @Nullable Map<String, Instant> awaited;

    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<String, byte[]> states;
    private final AtomicLong waitingInAll;
    private int waiting;
    private @Nullable CommandQueue queue;

    ControlProcessor(ControlContext control, ProcessorContext<byte[], byte[]> context) {
        this.control = control;
        this.commands = control.registry().decoder(control.topics().rolloutCommands(), RolloutCommand.class);
        this.evaluations = control.registry().decoder(control.topics().rolloutEvaluations(), RolloutEvaluation.class);
        this.stateDecoder = control.registry().decoder(control.topics().rolloutState(), RolloutState.class);
        this.stateEncoder = control.registry().encoder(control.topics().rolloutState());
        this.events = control.registry().encoder(control.topics().rolloutEvents());
        this.stateHeaders = SchemaHeader.of(control.topics().rolloutState());
        this.eventHeaders = SchemaHeader.of(control.topics().rolloutEvents());
        this.ownCommands = control.registry().encoder(control.topics().rolloutCommands());
        this.readiness = new ReadinessCheck(control.readiness());
        this.deadLetters = new DeadLetters(control.topics().deadLetters());
        this.context = context;
        this.states = context.getStateStore(ControlNames.STATE_STORE);
        this.waitingInAll = control.meters().waitingCommands();
        context.schedule(SETTLE_INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> queue().settle());
        context.schedule(READINESS_INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> checkReadiness());
    }

    /** The queue, which is filled when it is first needed: the registry may be unavailable when a task begins. */
    private CommandQueue queue() {
        if (queue == null) {
            queue = new CommandQueue(context.getStateStore(ControlNames.WAITING_STORE), control.inspections(), this);
        }
        return queue;
    }

    /** Ends the waits for readiness that are over, by commands that go through the topic of commands like all others. */
    private void checkReadiness() {
        Instant now = now();
        Map<String, Instant> waits = awaited();
        for (Map.Entry<String, Instant> wait : waits.entrySet()) {
            if (wait.getValue().isAfter(now.minus(DECISION_TIMEOUT))) {
                continue;
            }
            state(wait.getKey()).flatMap(state -> readiness.decide(state, now)).ifPresent(command -> {
                wait.setValue(now);
                context.forward(
                        new Record<>(
                                command.getDeployment().getBytes(UTF_8),
                                ownCommands.encode(command),
                                context.currentSystemTimeMs()),
                        ControlNames.OWN_COMMANDS);
                context.commit();
            });
        }
    }

    private Map<String, Instant> awaited() {
        if (awaited == null) {
            Map<String, Instant> found = new HashMap<>();
            try (KeyValueIterator<String, byte[]> all = states.all()) {
                while (all.hasNext()) {
                    String deployment = all.next().key;
                    if (state(deployment).filter(ReadinessCheck::isAwaited).isPresent()) {
                        found.put(deployment, Instant.MIN);
                    }
                }
            }
            awaited = found;
        }
        return awaited;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        FaultHandler.process(() -> {
                    if (isEvaluation()) {
                        apply(evaluation(record));
                    } else {
                        queue().admit(
                                        command(record),
                                        context.recordMetadata().orElseThrow().offset(),
                                        record.value());
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

    @Override
    public Optional<RolloutCommand> decode(String key, byte[] value) {
        try {
            return Optional.of(commands.decode(value));
        } catch (UndecodableException e) {
            LOG.error("Dropped an unreadable command that waited: key={} cause={}", key, e.getMessage());
            control.meters().unreadableWaiting();
            return Optional.empty();
        }
    }

    @Override
    public Optional<Model> modelToInspect(RolloutCommand command) {
        return RolloutMachine.modelToInspect(
                state(command.getDeployment()), command, control.topics().lanes());
    }

    @Override
    public boolean findsNothingToAbort(RolloutCommand command) {
        return verdicts.apply(state(command.getDeployment()), command, now())
                .event()
                .map(event -> NOTHING_TO_ABORT.contains(ReasonCode.read(event.getCode())))
                .orElse(false);
    }

    @Override
    public void apply(RolloutCommand command, ModelInspection inspected) {
        RolloutMachine machine = new RolloutMachine(inspected, control.topics().lanes());
        follow(command, machine.apply(state(command.getDeployment()), command, now()));
    }

    @Override
    public void reject(RolloutCommand command, ReasonCode code, String reason) {
        follow(command, RolloutMachine.reject(state(command.getDeployment()), command, code, reason, now()));
    }

    private void follow(RolloutCommand command, Transition transition) {
        forward(command.getDeployment(), transition);
        String verb = command.getVerb().name();
        if (transition.event().isEmpty()) {
            control.meters().commandRepeated(verb);
        } else if (transition.event().get().getType() == RolloutEventType.REJECTED) {
            control.meters().commandRejected(verb);
        } else {
            control.meters().commandAccepted(verb);
        }
    }

    @Override
    public void repeated(RolloutCommand command) {
        control.meters().commandRepeated(command.getVerb().name());
    }

    @Override
    public void waiting(int now) {
        waitingInAll.addAndGet(now - waiting);
        waiting = now;
    }

    private void apply(RolloutEvaluation evaluation) {
        String deployment = evaluation.getDeployment();
        Transition transition = verdicts.apply(state(deployment), evaluation, now());
        forward(deployment, transition);
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

    private void forward(String deployment, Transition transition) {
        byte[] key = deployment.getBytes(UTF_8);
        transition.state().ifPresent(after -> {
            byte[] bytes = stateEncoder.encode(after);
            states.put(deployment, bytes);
            if (ReadinessCheck.isAwaited(after)) {
                awaited().put(deployment, Instant.MIN);
            } else {
                awaited().remove(deployment);
            }
            context.forward(record(key, bytes, stateHeaders), ControlNames.STATES);
        });
        transition
                .event()
                .ifPresent(
                        event -> context.forward(record(key, events.encode(event), eventHeaders), ControlNames.EVENTS));
        if (transition.state().isPresent()) {
            // An abort must not wait for the next regular commit.
            context.commit();
        }
    }

    private Record<byte[], byte[]> record(byte[] key, byte[] value, Headers headers) {
        return new Record<>(key, value, context.currentSystemTimeMs(), headers);
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
            context.forward(record(record.key(), events.encode(rejected), eventHeaders), ControlNames.EVENTS);
        }
    }

    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
    }
}

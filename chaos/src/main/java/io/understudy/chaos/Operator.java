package io.understudy.chaos;

import io.understudy.control.CommandClient;
import io.understudy.registry.Registry;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deploys the models and starts the rollouts, again and again, while faults are played. Its commands show how long the
 * controller is silent.
 */
final class Operator implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Operator.class);

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long PAUSE_MILLIS = 200;

    private final Topics topics;
    private final Registry registry;
    private final Map<String, String> kafka;
    private final String server;
    private final Reader reader;
    private final Violations violations;
    private final Map<String, Integer> rounds = new TreeMap<>();
    private final Thread thread = new Thread(this, "operator");
    private volatile boolean closing;
    private volatile boolean waiting;
    private volatile long askedAt;
    private volatile long newestAnswered = Long.MIN_VALUE;
    private volatile long longestAnswer;

    /**
     * Creates an operator.
     *
     * @param server base URL of the inference server
     */
    Operator(
            Topics topics,
            Registry registry,
            Map<String, String> kafka,
            String server,
            Reader reader,
            Violations violations) {
        this.server = server;
        this.topics = topics;
        this.registry = registry;
        this.kafka = kafka;
        this.reader = reader;
        this.violations = violations;
    }

    /** Deploys everything and starts the first rollout of each deployment. */
    void prepare() throws Exception {
        try (CommandClient commands = new CommandClient(topics, registry, kafka)) {
            for (String deployment : Plans.DEPLOYMENTS) {
                require(commands, RolloutVerb.DEPLOY, deployment, Plans.existing(deployment));
                require(commands, RolloutVerb.START, deployment, Plans.rollout(deployment, server));
            }
        }
    }

    private static void require(CommandClient commands, RolloutVerb verb, String deployment, String spec)
            throws Exception {
        RolloutEvent event = commands.send(command(verb, deployment, spec), PATIENCE)
                .orElseThrow(() -> new IllegalStateException("no answer to " + verb + " of " + deployment));
        if (event.getType() == RolloutEventType.REJECTED) {
            throw new IllegalStateException(verb + " of " + deployment + " was rejected: " + event.getReason());
        }
    }

    private static RolloutCommand command(RolloutVerb verb, String deployment, String spec) {
        return RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment(deployment)
                .setVerb(verb)
                .setActor("campaign")
                .setSpec(spec)
                .setIssuedAt(Instant.now())
                .build();
    }

    void start() {
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, exception) -> {
            LOG.error("The operator of the campaign failed", exception);
            violations.add("the operator of the campaign failed: " + exception);
        });
        thread.start();
    }

    @Override
    public void run() {
        while (!closing) {
            try (CommandClient commands = new CommandClient(topics, registry, kafka)) {
                while (!closing) {
                    for (String deployment : Plans.ENDING.keySet()) {
                        startAgain(commands, deployment);
                    }
                    // Rejected, and so without an effect: nobody has deployed it.
                    ask(commands, command(RolloutVerb.PAUSE, "nobody", null));
                    Thread.sleep(PAUSE_MILLIS);
                }
            } catch (KafkaException | ExecutionException e) {
                // The broker is away: with a new client again.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void startAgain(CommandClient commands, String deployment) throws ExecutionException, InterruptedException {
        Rollout rollout = reader.ask(asked -> asked.rollouts().current(deployment));
        if (rollout == null || rollout.getEndedAt() == null) {
            return;
        }
        RolloutStatus status = rollout.getStatus();
        rounds.merge(deployment, 1, Integer::sum);
        if (status != Plans.ENDING.get(deployment)) {
            violations.add("the rollout of " + deployment + " was to end as " + Plans.ENDING.get(deployment)
                    + " and ended as " + status + ": " + rollout.getReason());
        }
        if (status == RolloutStatus.PROMOTED) {
            ask(commands, command(RolloutVerb.DEPLOY, deployment, Plans.existing(deployment)));
        }
        ask(commands, command(RolloutVerb.START, deployment, Plans.rollout(deployment, server)));
        reader.ask(asked -> asked.rollouts().current(deployment));
    }

    private void ask(CommandClient commands, RolloutCommand command) throws ExecutionException, InterruptedException {
        askedAt = Reader.now();
        waiting = true;
        boolean answered = commands.send(command, PATIENCE).isPresent();
        longestAnswer = Math.max(longestAnswer, Reader.now() - askedAt);
        waiting = false;
        if (answered) {
            newestAnswered = askedAt;
        } else {
            violations.add("no answer to " + command.getVerb() + " of " + command.getDeployment() + " within "
                    + PATIENCE.toMinutes() + " min");
        }
    }

    /** The longest that a command has waited for its answer since {@link #reset}, milliseconds. */
    long longestAnswer() {
        return Math.max(longestAnswer, waiting ? Reader.now() - askedAt : 0);
    }

    /** Whether a command that was sent at {@code since} or later has been answered. */
    boolean hasAnsweredSince(long since) {
        return newestAnswered >= since;
    }

    /** Forgets the longest time so far. */
    void reset() {
        longestAnswer = 0;
    }

    /** How many rollouts have ended, by deployment. */
    Map<String, Integer> rounds() {
        return rounds;
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}

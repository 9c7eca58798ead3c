package io.understudy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.access.Party;
import io.understudy.control.ControlJson;
import io.understudy.control.ControlLog;
import io.understudy.judging.RulingJson;
import io.understudy.runtime.Settings;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that show rollouts and change nothing. */
final class ViewCommands {

    private ViewCommands() {}

    /** A command that reads the control topics. */
    private abstract static class View implements Callable<Integer> {

        private static final int NOT_FOUND = 1;

        @Mixin
        private SettingsOptions options;

        @Option(names = "--json", description = "Print JSON, one object per line.")
        private boolean json;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            Settings settings = options.settings();
            Cluster cluster = new Cluster(settings, Party.OPERATORS, patience());
            return cluster.use((registry, kafka) -> {
                try (ControlLog log = new ControlLog(settings.topics(), registry, kafka)) {
                    return show(log, cluster);
                }
            });
        }

        /** How long to wait for the broker, and for the registry. */
        abstract Duration patience();

        /** Prints what the command shows, and returns the exit code. */
        abstract int show(ControlLog log, Cluster cluster) throws InterruptedException;

        boolean isJson() {
            return json;
        }

        void warn(String line) {
            spec.commandLine().getErr().println("understudy: " + line);
            spec.commandLine().getErr().flush();
        }

        void print(Object line) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        }

        int reportUnknown(String deployment, Map<String, RolloutState> states) {
            spec.commandLine()
                    .getErr()
                    .println("understudy: there is no deployment '" + deployment + "'; existing deployments: "
                            + (states.isEmpty() ? "none" : String.join(", ", states.keySet())));
            return NOT_FOUND;
        }
    }

    /** A command that reads the control topics once. */
    private abstract static class OneView extends View {

        @Mixin
        private TimeoutOption timeout;

        @Override
        Duration patience() {
            return timeout.value();
        }

        @Override
        int show(ControlLog log, Cluster cluster) {
            return show(log);
        }

        abstract int show(ControlLog log);
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows the state of deployments and their rollouts.")
    static final class Status extends OneView {

        @Parameters(
                paramLabel = "DEPLOYMENT",
                arity = "0..1",
                description = "The deployment. Default: all deployments.")
        private @Nullable String deployment;

        @Override
        int show(ControlLog log) {
            Map<String, RolloutState> states = log.states();
            if (deployment != null && !states.containsKey(deployment)) {
                return reportUnknown(deployment, states);
            }
            if (states.isEmpty() && !isJson()) {
                print("no deployments yet");
            }
            for (RolloutState state : deployment == null ? states.values() : List.of(states.get(deployment))) {
                print(isJson() ? ControlJson.of(state) : Sentences.of(state));
            }
            return 0;
        }
    }

    @Command(
            name = "history",
            mixinStandardHelpOptions = true,
            description = "Shows the events of a deployment with their actors and reasons, oldest first.")
    static final class History extends OneView {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Override
        int show(ControlLog log) {
            List<RolloutEvent> events = log.events(deployment);
            if (events.isEmpty()) {
                return reportUnknown(deployment, log.states());
            }
            events.forEach(event -> print(isJson() ? ControlJson.of(event) : Sentences.of(event)));
            return 0;
        }
    }

    @Command(
            name = "explain",
            mixinStandardHelpOptions = true,
            description = "Explains the state of a rollout in text and numbers, and what it waits for.")
    static final class Explain extends OneView {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Override
        int show(ControlLog log) {
            Map<String, RolloutState> states = log.states();
            RolloutState state = states.get(deployment);
            if (state == null) {
                return reportUnknown(deployment, states);
            }
            Optional<RolloutEvaluation> evaluation =
                    Optional.ofNullable(state.getRollout()).flatMap(rollout -> evidence(log, rollout));
            if (isJson()) {
                ObjectNode json = ControlJson.of(state);
                json.set("evaluation", evaluation.map(RulingJson::of).orElse(null));
                print(json);
            } else {
                Sentences.explanation(state, evaluation).forEach(this::print);
            }
            return 0;
        }

        /**
         * The evaluation that explains the state. When a rollout has ended, or the breaker has cut off the candidate, a
         * new epoch has begun that is never evaluated; then it is the last evaluation of an earlier epoch.
         */
        private static Optional<RolloutEvaluation> evidence(ControlLog log, Rollout rollout) {
            boolean hasTraffic = rollout.getShare() > 0 || rollout.getMirror() > 0;
            return log.lastEvaluation(rollout.getId(), rollout.getEpoch())
                    .filter(last -> !hasTraffic || last.getEpoch() == rollout.getEpoch());
        }
    }

    @Command(
            name = "watch",
            mixinStandardHelpOptions = true,
            description = "Shows events and verdicts as they arrive, until the rollout has ended. "
                    + CommandOutcome.EXIT_CODES)
    static final class Watch extends View {

        private static final Duration PROBE_INTERVAL = Duration.ofSeconds(15);

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Option(
                names = "--timeout",
                paramLabel = "DURATION",
                converter = SecondsConverter.class,
                description = "How long to watch, e.g. 90s or 2h. Default: until the rollout has ended.")
        private @Nullable Duration timeout;

        @Override
        Duration patience() {
            return SettingsOptions.TIMEOUT;
        }

        @Override
        int show(ControlLog log, Cluster cluster) throws InterruptedException {
            var ends = log.ends();
            Map<String, RolloutState> states = log.states();
            if (!states.containsKey(deployment)) {
                return reportUnknown(deployment, states);
            }
            log.follow(ends);
            RolloutState state = states.get(deployment);
            print(isJson() ? ControlJson.of(state) : Sentences.of(state));
            long giveUpAt = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
            long checkAt = System.nanoTime() + PROBE_INTERVAL.toNanos();
            while (!hasEnded(state) && System.nanoTime() < giveUpAt) {
                for (SpecificRecord record : log.next()) {
                    state = show(record, state);
                }
                if (System.nanoTime() > checkAt) {
                    // A consumer waits without a word for a broker that is away.
                    cluster.trouble().ifPresent(away -> warn(away.getMessage() + "; still trying"));
                    checkAt = System.nanoTime() + PROBE_INTERVAL.toNanos();
                }
            }
            return Optional.ofNullable(state.getRollout())
                    .flatMap(rollout -> CommandOutcome.of(rollout.getStatus()))
                    .orElse(CommandOutcome.STILL_RUNNING)
                    .exitCode();
        }

        /** Prints an event or evaluation of the deployment, and returns the state after it. */
        private RolloutState show(SpecificRecord record, RolloutState before) {
            if (record instanceof RolloutEvent event && event.getDeployment().equals(deployment)) {
                print(isJson() ? ControlJson.of(event) : Sentences.of(event));
                return event.getState() == null ? before : event.getState();
            }
            if (record instanceof RolloutEvaluation evaluation
                    && evaluation.getDeployment().equals(deployment)) {
                print(isJson() ? RulingJson.of(evaluation) : Sentences.of(evaluation));
            }
            return before;
        }

        private static boolean hasEnded(RolloutState state) {
            return state.getRollout() != null && state.getRollout().getEndedAt() != null;
        }
    }
}

package io.understudy.chaos;

import io.understudy.runtime.Settings;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Plays faults on an installation of its own while flights are sent, and fails if anything is lost or doubled. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = "Plays faults on an installation of its own, and fails if anything is lost or doubled.")
final class Campaign implements Callable<Integer> {

    private static final long PROBE_MILLIS = 100;
    private static final long LATE_MILLIS = 1500;
    private static final long OVERTAKEN_MILLIS = 30_000;
    private static final long STALLED_MILLIS = 180_000;
    private static final long SAY_MILLIS = 20_000;
    private static final double MILLIS_PER_SECOND = 1000;

    @Option(names = "--home", hidden = true)
    private Path home = Path.of(".");

    @Option(names = "--seed", description = "Seed of the faults. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--faults", description = "Number of faults. Default: ${DEFAULT-VALUE}.")
    private int faults = 20;

    @Option(names = "--kinds", split = ",", description = "Kinds of faults: ${COMPLETION-CANDIDATES}. Default: all.")
    private Set<FaultKind> kinds = EnumSet.allOf(FaultKind.class);

    @Option(names = "--roles", split = ",", description = "Roles whose processes may fail. Default: all.")
    private Set<String> roles = Set.copyOf(Installation.ROLES);

    @Option(names = "--brokers", description = "Number of brokers. Default: ${DEFAULT-VALUE}.")
    private int brokers = 1;

    @Option(names = "--rate", description = "Flights per second, each for four deployments. Default: ${DEFAULT-VALUE}.")
    private double rate = 40;

    @Option(
            names = "--quiet-seconds",
            description = "Seconds without faults before the first. Default: ${DEFAULT-VALUE}.")
    private int quietSeconds = 10;

    @Option(names = "--set", description = "A setting of every role, or of one: ROLE:NAME=VALUE.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--broker-set", description = "A config of every broker.")
    private Map<String, String> brokerConfigs = new LinkedHashMap<>();

    @Option(names = "--directory", description = "Directory of data and logs, which is kept. Default: a temporary one.")
    private Path directory;

    @Option(names = "--output", description = "File for the table of results.")
    private Path output;

    private final Violations violations = new Violations();
    private final List<Result> results = new ArrayList<>();
    private Installation installation;
    private Reader reader;
    private Sender sender;
    private Operator operator;
    private long startedAt;

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new Campaign()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        startedAt = Reader.now();
        Path data = directory == null
                ? Files.createTempDirectory("understudy-chaos-")
                : Files.createDirectories(directory).toAbsolutePath();
        Path example = home.resolve("examples/flight-delay").toAbsolutePath();
        boolean passed = false;
        Optional<SmallDisk> disk = Optional.empty();
        try {
            installation = new Installation(data, example, brokers, brokerConfigs, settings);
            // The processes end with this one, even if it is interrupted.
            Runtime.getRuntime().addShutdownHook(new Thread(installation::killProcesses));
            disk = smallDisk(installation.stateOf("evaluator", Installation.SIDES.get(0)));
            installation.start();
            try (SlowServer server = new SlowServer()) {
                play(example, server, disk);
            }
            passed = violations.count() == 0;
        } finally {
            if (installation != null) {
                installation.close();
            }
            if (disk.isPresent()) {
                disk.get().close();
            }
            if (directory == null && passed) {
                delete(data);
            } else {
                log("data and logs are in " + data);
            }
        }
        report();
        return passed ? 0 : 1;
    }

    private Optional<SmallDisk> smallDisk(Path state) throws InterruptedException {
        if (!kinds.contains(FaultKind.DISK_FULL)) {
            return Optional.empty();
        }
        try {
            return Optional.of(SmallDisk.mount(state));
        } catch (IOException e) {
            kinds.remove(FaultKind.DISK_FULL);
            log("SKIPPED: " + FaultKind.DISK_FULL.text() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private void play(Path example, SlowServer server, Optional<SmallDisk> disk) throws Exception {
        Settings direct = installation.settings();
        reader = new Reader(direct.topics(), installation.registry(), direct.kafka(), violations);
        operator = new Operator(
                direct.topics(), installation.registry(), direct.kafka(), server.url(), reader, violations);
        sender = new Sender(
                example, Plans.DEPLOYMENTS, rate, direct.topics(), installation.registry(), direct.kafka(), violations);
        log("the cluster runs; deploying");
        operator.prepare();
        reader.start();
        operator.start();
        sender.start();
        awaitRecovery();
        Map<String, Duration> before = installation.cpu();
        measure("no fault", () -> Thread.sleep(quietSeconds * 1000L));
        installation
                .cpu()
                .forEach((role, cpu) -> log(String.format(
                        Locale.ROOT,
                        "%s: %.3f s of CPU a second",
                        role,
                        cpu.minus(before.get(role)).toMillis() / MILLIS_PER_SECOND / quietSeconds)));
        Player player = new Player(installation, sender, server, disk);
        List<Fault> drawn = Fault.draw(seed, faults, kinds, roles, brokers);
        for (int i = 0; i < drawn.size(); i++) {
            Fault fault = drawn.get(i);
            measure(fault.row(), () -> player.play(fault, this::awaitRecovery));
            Result last = results.get(results.size() - 1);
            log((i + 1) + "/" + drawn.size() + " " + fault + ": silent for " + seconds(last.silence())
                    + " s, commands " + seconds(last.command()) + " s, evaluations " + seconds(last.evaluation())
                    + " s" + (violations.count() == 0 ? "" : "; VIOLATIONS " + violations.count()));
        }
        operator.close();
        sender.close();
        settle();
        reader.close();
        reader.answers().close();
        reader.rollouts().close();
    }

    private interface Work {
        void run() throws Exception;
    }

    private void measure(String row, Work work) throws Exception {
        reader.ask(one -> {
            one.resetTimes();
            return null;
        });
        operator.reset();
        work.run();
        results.add(reader.ask(one -> new Result(
                row,
                one.silences().longestSilence(Reader.now()),
                one.silences().longestWait(Reader.now()),
                operator.longestAnswer(),
                one.longestWithoutEvaluation(),
                one.longestPause())));
    }

    /**
     * Waits until all processes that run are ready, and until afterwards every series has answered a new request, a new
     * command is answered and a new window judged. A request that others of its series have overtaken is lost; anything
     * else is late, and waited for as long as anything at all moves.
     */
    private void awaitRecovery() throws IOException, InterruptedException {
        Progress progress = new Progress();
        while (!areReady()) {
            if (progress.hasStalled()) {
                violations.add("the processes are not ready, and nothing moves");
                return;
            }
            Thread.sleep(PROBE_MILLIS);
        }
        long since = Reader.now();
        long sinceWallClock = System.currentTimeMillis();
        long sayAt = since + SAY_MILLIS;
        for (String late = late(since, sinceWallClock); !late.isEmpty(); late = late(since, sinceWallClock)) {
            areReady();
            if (Reader.now() > sayAt) {
                log("waiting: " + late);
                sayAt = Reader.now() + SAY_MILLIS;
            }
            if (progress.hasStalled()) {
                violations.add("stalled: " + late);
                return;
            }
            Thread.sleep(PROBE_MILLIS);
        }
    }

    private boolean areReady() throws IOException, InterruptedException {
        boolean ready = true;
        for (RoleProcess process : installation.processes()) {
            if (process.restartIfEnded()) {
                log(process.instance() + " ended by itself and was started again, see " + process.log());
            }
            ready &= !process.isRunning() || process.isReady();
        }
        return ready;
    }

    /** What has not moved since; empty when everything has. */
    private String late(long since, long sinceWallClock) {
        for (String id : reader.ask(one -> one.silences().overtaken(OVERTAKEN_MILLIS))) {
            violations.add("request " + id + " is lost: later ones of its partition are answered");
        }
        if (!operator.hasAnsweredSince(since)) {
            return "no command is answered";
        }
        return reader.ask(one -> {
            long now = Reader.now();
            Set<String> silent = one.silences().silentSince(since);
            if (one.answers().asked() == 0 || !silent.isEmpty()) {
                return "no new request is answered in " + silent;
            }
            if (one.silences().oldestWait(now) > LATE_MILLIS) {
                return one.silences().waiting() + " requests wait, the oldest for "
                        + seconds(one.silences().oldestWait(now)) + " s";
            }
            Rollout pairs = one.rollouts().current(Plans.PAIRS);
            long behind = sinceWallClock - one.rollouts().judgedTo(pairs);
            return pairs.getEndedAt() != null || behind <= 0 ? "" : "the evidence is " + seconds(behind) + " s behind";
        });
    }

    /** Whether anything moves: patience depends on it, and not on a time that a busy machine may need. */
    private final class Progress {
        private long last = -1;
        private long at = Reader.now();

        private boolean hasStalled() {
            long moved = reader.ask(one -> one.answers().answered()
                    + one.answers().inShadow()
                    + one.rollouts().evaluationsRead());
            at = moved == last ? at : Reader.now();
            last = moved;
            return Reader.now() - at > STALLED_MILLIS;
        }
    }

    /** Waits until everything sent is answered and counted, or until nothing moves any more. */
    private void settle() throws InterruptedException {
        Progress progress = new Progress();
        for (String missing = missing(); !missing.isEmpty(); missing = missing()) {
            if (progress.hasStalled()) {
                violations.add(missing);
                return;
            }
            Thread.sleep(PROBE_MILLIS);
        }
    }

    private String missing() {
        return reader.ask(one -> {
            if (one.answers().asked() < sender.acknowledged()) {
                return "the reader found " + one.answers().asked() + " of " + sender.acknowledged() + " requests";
            }
            if (!one.answers().isComplete()) {
                return "of " + one.answers().asked() + " requests, "
                        + one.answers().answered() + " are answered";
            }
            for (String deployment : Plans.ENDLESS) {
                Rollout rollout = one.rollouts().current(deployment);
                if (rollout.getStatus() != RolloutStatus.RUNNING) {
                    return deployment + " was never to end and is " + rollout.getStatus() + ": " + rollout.getReason();
                }
                String difference = one.rollouts().difference(rollout);
                if (!difference.isEmpty()) {
                    return deployment + ": " + difference;
                }
            }
            return "";
        });
    }

    private void report() throws IOException {
        String table = new Table(results).markdown();
        System.out.println(table);
        if (output != null) {
            Files.writeString(output, table);
        }
        reader.ask(one -> {
            log(one.answers().asked() + " requests, " + one.answers().answered() + " answered, "
                    + one.answers().fallbacks() + " by the existing model in the candidate's place, "
                    + one.answers().inShadow() + " in shadow, " + one.rollouts().checkedArms() + " arms checked, "
                    + one.rollouts().evaluationsRead() + " evaluations, " + one.deadLetters() + " dead letters, "
                    + "rollouts that ended: " + operator.rounds());
            return null;
        });
        installation.processes().stream()
                .filter(process -> process.restarts() > 0)
                .forEach(process -> log(process.instance() + " ended by itself " + process.restarts() + " times"));
        violations.texts().forEach(text -> log("VIOLATION: " + text));
        log(results.size() - 1 + " faults, " + violations.count() + " violations, seed " + seed);
    }

    private void log(String line) {
        System.out.printf(Locale.ROOT, "%6.1f %s%n", (Reader.now() - startedAt) / MILLIS_PER_SECOND, line);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f", millis / MILLIS_PER_SECOND);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

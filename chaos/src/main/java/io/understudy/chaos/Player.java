package io.understudy.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Plays faults on an installation, and mends what it broke. */
final class Player {

    private static final Duration FROZEN = Duration.ofSeconds(10);
    private static final Duration BROKER_FROZEN = Duration.ofSeconds(6);
    private static final Duration AWAY = Duration.ofSeconds(6);
    private static final Duration SLOW = Duration.ofSeconds(5);
    private static final Duration BROKER_PATIENCE = Duration.ofMinutes(3);

    private final Installation installation;
    private final Sender sender;
    private final SlowServer server;
    private final Optional<SmallDisk> disk;

    /**
     * Creates a player.
     *
     * @param disk the disk of the state of an evaluator; empty if it cannot be full
     */
    Player(Installation installation, Sender sender, SlowServer server, Optional<SmallDisk> disk) {
        this.installation = installation;
        this.sender = sender;
        this.server = server;
        this.disk = disk;
    }

    /** Waits until all is as before the fault. */
    @FunctionalInterface
    interface Recovery {
        void await() throws IOException, InterruptedException;
    }

    /** Plays a fault to its end: afterwards, every process runs again. */
    void play(Fault fault, Recovery recovery) throws IOException, InterruptedException {
        RoleProcess process = installation.process(fault.role(), fault.side());
        switch (fault.kind()) {
            case KILL -> {
                process.kill();
                restart(process, fault, recovery);
            }
            case STOP -> {
                process.requestStop();
                process.awaitStop();
                restart(process, fault, recovery);
            }
            case FREEZE -> {
                process.freeze();
                sleep(FROZEN);
                process.thaw();
            }
            case TWO_AT_ONCE -> {
                RoleProcess other = installation.process(fault.otherRole(), fault.otherSide());
                process.kill();
                other.kill();
                process.start();
                other.start();
            }
            case WIPE -> {
                process.kill();
                delete(process.state());
                process.start();
            }
            case SAME_NAME -> {
                RoleProcess twin = installation.process(fault.role(), fault.side(), fault.role() + "-twin");
                twin.start();
                sleep(AWAY);
                twin.kill();
                delete(twin.state());
            }
            case CLOCK_OFF -> {
                sender.clockOffset(Duration.ofHours(fault.atOnce() ? 1 : -1));
                sleep(AWAY);
                sender.clockOffset(Duration.ZERO);
            }
            case BROKER_KILL -> {
                var broker = installation.cluster().brokers().get(fault.broker());
                broker.kill();
                broker.start();
                installation.cluster().awaitInSync(BROKER_PATIENCE);
            }
            case BROKER_FREEZE -> {
                var broker =
                        installation.cluster().brokers().get(fault.broker()).process();
                Signal.STOP.send(broker);
                sleep(BROKER_FROZEN);
                Signal.CONT.send(broker);
                installation.cluster().awaitInSync(BROKER_PATIENCE);
            }
            case REGISTRY_AWAY -> {
                installation.cluster().stopRegistry();
                sleep(AWAY);
                installation.cluster().startRegistry();
            }
            case NETWORK_CUT -> {
                List<Proxy> proxies = installation.proxies(fault.side());
                proxies.forEach(Proxy::cut);
                sleep(FROZEN);
                proxies.forEach(Proxy::mend);
            }
            case SLOW_SERVER -> {
                server.delay(SLOW);
                sleep(AWAY);
                server.delay(Duration.ZERO);
            }
            case DISK_FULL -> {
                if (disk.isPresent()) {
                    disk.get().fill();
                    sleep(AWAY);
                    disk.get().clear();
                }
            }
        }
        recovery.await();
    }

    private static void restart(RoleProcess process, Fault fault, Recovery recovery)
            throws IOException, InterruptedException {
        if (fault.kind() == FaultKind.STOP || !fault.atOnce()) {
            recovery.await();
        }
        process.start();
    }

    private static void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration.toMillis());
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            // The directory itself may be where a disk is mounted.
            for (Path file : files.sorted(Comparator.reverseOrder())
                    .filter(file -> !file.equals(directory))
                    .toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

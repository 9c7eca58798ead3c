package io.understudy.scoring;

import io.understudy.readiness.ReadinessKey;
import io.understudy.readiness.ReadinessView;
import io.understudy.readiness.ReadinessWriter;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.schema.ModelReadiness;
import io.understudy.schema.ReadinessStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which lanes and models this process serves: when that changes, and again every few seconds for the lanes and for
 * the models that a step waits for. There may be thousands of others; nobody waits for them.
 */
public final class ReadinessReporter implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadinessReporter.class);

    /** So that many changes at once lead to few reports. */
    private static final long PAUSE_MILLIS = 20;

    /** Well before the topic forgets it. */
    private static final Duration REFRESH = Duration.ofHours(6);

    private final String instance;
    private final List<LaneMembership> lanes;
    private final ModelCatalogue catalogue;
    private final ReadinessWriter writer;
    private final InstantSource clock;
    private final Map<ReadinessKey, Said> said = new HashMap<>();
    private final Semaphore changes = new Semaphore(0);
    private volatile boolean closing;

    private record Said(ReadinessStatus status, @Nullable String cause, long at) {}

    /**
     * Creates a reporter, which closes the writer in the end.
     *
     * @param instance name of this process
     */
    public ReadinessReporter(
            String instance,
            List<LaneMembership> lanes,
            ModelCatalogue catalogue,
            ReadinessWriter writer,
            InstantSource clock) {
        this.instance = instance;
        this.lanes = List.copyOf(lanes);
        this.catalogue = catalogue;
        this.writer = writer;
        this.clock = clock;
        catalogue.onChange(changes::release);
    }

    @Override
    public void run() {
        try (writer) {
            while (!closing) {
                changes.drainPermits();
                report();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                changes.tryAcquire(ReadinessView.HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
            }
            said.keySet().forEach(writer::takeBack);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KafkaException e) {
            LOG.warn("Cannot take back who serves which model, it will count for some seconds: cause={}", e.toString());
        }
    }

    private void report() {
        try {
            Set<ReadinessKey> current = new HashSet<>();
            for (LaneMembership membership : lanes) {
                String lane = membership.lane().code();
                LaneMembership.LaneStatus status = membership.status();
                current.add(say(new ReadinessKey(instance, lane, null, null), status.status(), status.cause(), true));
                // A process that does not read the lane gets no requests, whatever it has loaded.
                List<NamedModel> models = membership.takesPart() ? catalogue.named(membership.lane()) : List.of();
                for (NamedModel model : models) {
                    current.add(say(
                            new ReadinessKey(instance, lane, model.deployment(), model.version()),
                            model.status(),
                            model.cause(),
                            model.awaited()));
                }
                catalogue.reloadFailed(membership.lane());
            }
            said.keySet().removeIf(key -> {
                boolean gone = !current.contains(key);
                if (gone) {
                    writer.takeBack(key);
                }
                return gone;
            });
        } catch (KafkaException | RegistryUnavailableException e) {
            LOG.warn("Cannot say who serves which model, trying again: cause={}", e.toString());
        }
    }

    /** @param again whether it is said although it has not changed */
    private ReadinessKey say(ReadinessKey key, ReadinessStatus status, @Nullable String cause, boolean again) {
        Said before = said.get(key);
        long now = System.nanoTime();
        if (again || before == null || before.status() != status || now - before.at() > REFRESH.toNanos()) {
            writer.say(ModelReadiness.newBuilder()
                    .setInstance(key.instance())
                    .setLane(key.lane())
                    .setDeployment(key.deployment())
                    .setVersion(key.version())
                    .setStatus(status)
                    .setCause(cause)
                    .setAt(clock.instant())
                    .build());
            said.put(key, new Said(status, cause, now));
        }
        return key;
    }

    @Override
    public void close() {
        closing = true;
        changes.release();
    }
}

package io.understudy.evaluation;

import io.understudy.evaluation.LiveRollouts.Live;
import io.understudy.metrics.Meters;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.WindowClockState;
import io.understudy.streams.AvroBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All open windows of one partition, and its clock: objects while they change, bytes in a store at every commit. For one thread. */
final class PartitionWindows {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionWindows.class);
    private static final String CLOCK = "clock";
    private static final String WINDOWS = "windows/";
    private static final int TOPICS = 3;

    private final KeyValueStore<String, byte[]> store;
    private final LiveRollouts rollouts;
    private final Meters meters;
    private final int partition;
    private final int partitions;
    private final long silenceMillis;
    private final long waitFrom;
    private final WindowClock clock;
    private final Map<String, OpenWindows> open = new TreeMap<>();
    private final Map<OpenWindows, RequestJoin> joins = new java.util.IdentityHashMap<>();
    private final Set<String> kept = new HashSet<>();
    private boolean clockChanged;
    private long nextEnd = Long.MIN_VALUE;

    PartitionWindows(
            KeyValueStore<String, byte[]> store,
            LiveRollouts rollouts,
            Meters meters,
            int partition,
            int partitions,
            long silenceMillis,
            long waitFrom) {
        this.store = store;
        this.rollouts = rollouts;
        this.meters = meters;
        this.partition = partition;
        this.partitions = partitions;
        this.silenceMillis = silenceMillis;
        this.waitFrom = waitFrom;
        this.clock = new WindowClock(restoreClock(), silenceMillis, waitFrom);
        restoreWindows();
    }

    private long[] restoreClock() {
        byte[] bytes = store.get(CLOCK);
        if (bytes == null) {
            long[] never = new long[TOPICS];
            Arrays.fill(never, WindowClock.NEVER);
            return never;
        }
        return AvroBytes.decode(WindowClockState.getDecoder(), bytes).getLatest().stream()
                .mapToLong(Long::longValue)
                .toArray();
    }

    private void restoreWindows() {
        try (KeyValueIterator<String, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                if (!next.key.startsWith(WINDOWS)) {
                    continue;
                }
                kept.add(next.key);
                try {
                    restore(AvroBytes.decode(OpenEvidence.getDecoder(), next.value));
                } catch (RuntimeException e) {
                    meters.unreadableEvidence();
                    LOG.error("Open windows cannot be taken up again and begin anew: key={}", next.key, e);
                }
            }
        }
    }

    private void restore(OpenEvidence evidence) {
        rollouts.of(evidence.getDeployment())
                .filter(live -> live.is(evidence.getRollout(), evidence.getEpoch()))
                .ifPresent(live ->
                        open.put(live.deployment(), OpenWindows.restore(live, evidence, silenceMillis, waitFrom)));
    }

    /** Hears a record: see {@link WindowClock#hear}. */
    long hear(int topic, long time, long now) {
        clockChanged = true;
        return clock.hear(topic, time, now);
    }

    /** The highest record time so far. */
    long highest() {
        return clock.highest();
    }

    /**
     * The open windows of a rollout; a new epoch begins with none.
     *
     * @param now the wall clock's time
     */
    OpenWindows of(Live live, long now) {
        OpenWindows windows = open.get(live.deployment());
        if (windows == null
                || !windows.live().is(live.rollout().getId(), live.rollout().getEpoch())) {
            windows = new OpenWindows(live, silenceMillis, Math.max(waitFrom, now));
            joins.remove(open.put(live.deployment(), windows));
            nextEnd = Long.MIN_VALUE;
        }
        return windows;
    }

    /** What joins the requests of these windows. */
    RequestJoin join(OpenWindows windows) {
        return joins.computeIfAbsent(windows, absent -> new RequestJoin(absent.stage()));
    }

    /** Takes note of rollouts that have begun or ended. */
    void refresh(long now) {
        Set<String> live = new HashSet<>();
        for (Live rollout : rollouts.all()) {
            of(rollout, now);
            live.add(rollout.deployment());
        }
        open.keySet().removeIf(deployment -> !live.contains(deployment));
        joins.keySet().removeIf(windows -> !open.containsValue(windows));
    }

    /** Closes what is complete of one rollout: asked for every record of it, so it looks at no other. */
    List<PartialEvidence> close(OpenWindows windows, long now) {
        if (clock.highest() < windows.closedTo() + windows.width()) {
            return List.of();
        }
        long completeTo = completeTo(windows, now);
        return windows.isDue(completeTo)
                ? windows.close(completeTo, completeByRecords(windows), partition, partitions)
                : List.of();
    }

    /** Whether the records have come far enough for some window to close: asked for records of no rollout, which move time as well. */
    boolean mayClose() {
        return clock.highest() >= nextEnd;
    }

    /** Closes what is complete. */
    List<PartialEvidence> close(long now) {
        List<PartialEvidence> partials = new ArrayList<>();
        long next = Long.MAX_VALUE;
        for (OpenWindows windows : open.values()) {
            long completeTo = completeTo(windows, now);
            if (windows.isDue(completeTo)) {
                partials.addAll(windows.close(completeTo, completeByRecords(windows), partition, partitions));
            }
            next = Math.min(next, windows.closedTo() + windows.width());
        }
        nextEnd = next;
        return partials;
    }

    private long completeTo(OpenWindows windows, long now) {
        int[] topics = CollectingProcessor.topicsOf(windows);
        if (windows.stage().isShadow()) {
            return clock.completeTo(now, topics);
        }
        long arms = windows.arms().completeTo(now);
        return topics.length == 0 ? arms : Math.min(arms, clock.completeTo(now, topics));
    }

    private long completeByRecords(OpenWindows windows) {
        int[] topics = CollectingProcessor.topicsOf(windows);
        return windows.stage().isShadow()
                ? clock.completeTo(topics)
                : Math.min(windows.arms().completeTo(), clock.completeTo(topics));
    }

    /** Writes down what has changed. */
    void keep() {
        if (clockChanged) {
            store.put(
                    CLOCK,
                    AvroBytes.encode(
                            WindowClockState.getEncoder(),
                            new WindowClockState(
                                    Arrays.stream(clock.latest()).boxed().toList())));
            clockChanged = false;
        }
        Set<String> present = new HashSet<>();
        open.forEach((deployment, windows) -> {
            String key = WINDOWS + deployment;
            present.add(key);
            if (windows.isChanged()) {
                store.put(key, AvroBytes.encode(OpenEvidence.getEncoder(), windows.keep()));
            }
        });
        for (String gone : kept) {
            if (!present.contains(gone)) {
                store.delete(gone);
            }
        }
        kept.clear();
        kept.addAll(present);
    }
}

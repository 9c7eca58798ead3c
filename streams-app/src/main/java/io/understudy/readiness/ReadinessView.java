package io.understudy.readiness;

import io.understudy.schema.ModelReadiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What programs have said lately about models and lanes. A program that is silent for {@link #SILENCE} counts as gone.
 * The time is that at which this process heard it, so no clock needs to agree with another. Safe for many threads.
 */
public final class ReadinessView {

    /** How long what a program has said counts. */
    public static final Duration SILENCE = Duration.ofSeconds(10);

    /** How often a program says it again. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(2);

    /** Enough for every model of a large installation, and a bound on what a wrong program can make this one keep. */
    private static final int MAX_ENTRIES = 100_000;

    private final LongSupplier nanos;
    private final Map<Subject, Map<String, Heard>> heard = new ConcurrentHashMap<>();
    private int entries;
    private volatile long listeningSince = Long.MAX_VALUE;

    /** What is said something about: a model in a lane, or a whole lane. */
    private record Subject(
            String lane,
            @Nullable String deployment,
            @Nullable String version) {}

    private record Heard(ModelReadiness said, long at) {}

    public ReadinessView() {
        this(System::nanoTime);
    }

    /** A view with another source of monotonic time, nanoseconds. */
    public ReadinessView(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Records that everything said from now on is heard. */
    public void listening() {
        listeningSince = nanos.getAsLong();
    }

    /** Whether everything has been heard for so long that each living program has said what it serves. */
    public boolean hasHeardEverybody() {
        return listeningSince != Long.MAX_VALUE
                && nanos.getAsLong() - listeningSince
                        > HEARTBEAT.multipliedBy(2).toNanos();
    }

    /** Takes note of what a program says. */
    public synchronized void hear(ModelReadiness said) {
        Subject subject = new Subject(said.getLane(), said.getDeployment(), said.getVersion());
        Map<String, Heard> instances = heard.computeIfAbsent(subject, absent -> new ConcurrentHashMap<>());
        if (entries >= MAX_ENTRIES && !instances.containsKey(said.getInstance())) {
            forgetSilent();
            if (entries >= MAX_ENTRIES) {
                return;
            }
            heard.putIfAbsent(subject, instances);
        }
        if (instances.put(said.getInstance(), new Heard(said, nanos.getAsLong())) == null) {
            entries++;
        }
    }

    /** Takes note that a program takes back what it said under a key; see {@link ReadinessKey}. */
    public synchronized void takenBack(ReadinessKey key) {
        Subject subject = new Subject(key.lane(), key.deployment(), key.version());
        Map<String, Heard> instances = heard.get(subject);
        if (instances != null && instances.remove(key.instance()) != null) {
            entries--;
            if (instances.isEmpty()) {
                heard.remove(subject);
            }
        }
    }

    /** Forgets what programs said that have been silent since. */
    public synchronized void forgetSilent() {
        heard.values().forEach(instances -> instances.values().removeIf(one -> !counts(one)));
        heard.values().removeIf(Map::isEmpty);
        entries = heard.values().stream().mapToInt(Map::size).sum();
    }

    /** What living programs say about a model in a lane, by the name of the program. */
    public List<ModelReadiness> model(String lane, String deployment, String version) {
        return living(new Subject(lane, deployment, version));
    }

    /** What living built-in scorers say about a lane as a whole, by the name of the program. */
    public List<ModelReadiness> lane(String lane) {
        return living(new Subject(lane, null, null));
    }

    private List<ModelReadiness> living(Subject subject) {
        List<ModelReadiness> living = new ArrayList<>();
        heard.getOrDefault(subject, Map.of()).values().stream()
                .filter(this::counts)
                .map(Heard::said)
                .forEach(living::add);
        living.sort(Comparator.comparing(ModelReadiness::getInstance));
        return living;
    }

    private boolean counts(Heard one) {
        return nanos.getAsLong() - one.at() <= SILENCE.toNanos();
    }
}

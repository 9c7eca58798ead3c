package io.understudy.console;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits how often wrong tokens may be tried. While an address has used up its guesses, it is refused, also with the
 * right token: otherwise the limit would not slow anyone down. When all addresses together have used up theirs, only
 * those that have shown the right token before are served. Safe for several threads.
 */
final class GuessLimit {

    /** Wrong tokens of one address in a window. */
    static final int PER_ADDRESS = 10;

    /** Wrong tokens of all addresses in a window. */
    static final int OVERALL = 100;

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int REMEMBERED_ADDRESSES = 10_000;
    private static final int IPV6_BYTES = 16;

    private final InstantSource clock;
    private final Map<String, Window> wrong = new Remembered<>();
    private final Map<String, Boolean> known = new Remembered<>();
    private Window overall = new Window(Instant.EPOCH, 0);

    /** The number of wrong tokens since the start of a window. */
    private record Window(Instant start, int guesses) {

        Window plusOne(Instant now) {
            return isOver(now) ? new Window(now, 1) : new Window(start, guesses + 1);
        }

        boolean isOver(Instant now) {
            return !now.isBefore(start.plus(WINDOW));
        }

        Optional<Duration> wait(int allowed, Instant now) {
            return isOver(now) || guesses < allowed
                    ? Optional.empty()
                    : Optional.of(Duration.between(now, start.plus(WINDOW)));
        }
    }

    /** Forgets the address that has been silent for the longest time. */
    private static final class Remembered<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > REMEMBERED_ADDRESSES;
        }
    }

    GuessLimit(InstantSource clock) {
        this.clock = clock;
    }

    /** How long {@code address} has to wait before it may show a token; empty when it may do so now. */
    synchronized Optional<Duration> wait(String address) {
        Instant now = clock.instant();
        String network = network(address);
        Optional<Duration> own =
                Optional.ofNullable(wrong.get(network)).flatMap(window -> window.wait(PER_ADDRESS, now));
        return own.isPresent() || known.containsKey(network) ? own : overall.wait(OVERALL, now);
    }

    /** Counts a wrong token of {@code address}. */
    synchronized void wrong(String address) {
        Instant now = clock.instant();
        wrong.merge(network(address), new Window(now, 1), (before, first) -> before.plusOne(now));
        overall = overall.plusOne(now);
    }

    /** Remembers that {@code address} has shown the right token. */
    synchronized void right(String address) {
        known.put(network(address), true);
    }

    /** The first half of an IPv6 address, because whoever has one address has all with this half. */
    private static String network(String address) {
        try {
            byte[] bytes =
                    address.contains(":") ? InetAddress.getByName(address).getAddress() : new byte[0];
            return bytes.length == IPV6_BYTES ? Arrays.toString(Arrays.copyOf(bytes, IPV6_BYTES / 2)) : address;
        } catch (UnknownHostException e) {
            return address;
        }
    }
}

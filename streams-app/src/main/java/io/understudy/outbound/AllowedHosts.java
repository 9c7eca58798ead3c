package io.understudy.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The hosts that URLs of models and webhooks may name. Whoever may send a command may name a URL, and this process may
 * reach what the sender cannot: its own machine, or the cloud's service for credentials. So addresses of this machine,
 * of its link and of such services are only called if the list names their network.
 */
public final class AllowedHosts {

    /** The name of the setting, for messages. */
    public static final String SETTING = "outbound.hosts";

    private static final String ANY = "*";
    private static final String LOCALHOST = "localhost";
    private static final Pattern NAME =
            Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_-]+)*\\.?");

    private static final List<Network> LOOPBACK = networks("127.0.0.0/8", "::1");

    /** The services that give a cloud machine its credentials, where they are not at a link-local address. */
    private static final List<Network> CREDENTIALS = networks("100.100.100.200", "fd00:ec2::254", "0.0.0.0/8");

    /** The prefixes of IPv6 addresses that lead to the IPv4 address in their last four bytes. */
    private static final List<Network> TRANSLATED = networks("64:ff9b::/96", "::/96");

    private static final int IPV4_BYTES = 4;

    private final List<String> entries;
    private final Set<String> names = new TreeSet<>();
    private final List<Network> networks = new ArrayList<>();

    /**
     * Reads a list.
     *
     * @param entries names, such as {@code models.example.com} or {@code *.example.com}; addresses; networks, such as
     *     {@code 10.0.0.0/8}; {@code localhost} for this machine; {@code *} for every host that is not special
     * @throws IllegalArgumentException if an entry is none of them; the message names the entry
     */
    public AllowedHosts(List<String> entries) {
        this.entries = List.copyOf(entries);
        for (String entry : entries) {
            String text = entry.trim().toLowerCase(Locale.ROOT);
            Optional<Network> network = Network.read(text);
            if (network.isPresent()) {
                networks.add(network.get());
            } else if (text.equals(ANY) || NAME.matcher(text).matches()) {
                names.add(withoutDot(text));
            } else {
                throw new IllegalArgumentException(
                        "'" + entry + "' is not a host name, an address, a network such as 10.0.0.0/8, localhost or *");
            }
        }
        if (names.contains(LOCALHOST)) {
            networks.addAll(LOOPBACK);
        }
    }

    private static List<Network> networks(String... texts) {
        return Arrays.stream(texts).flatMap(text -> Network.read(text).stream()).toList();
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /**
     * Resolves the host of a URL.
     *
     * @return its addresses, all of which may be called
     * @throws UnknownHostException if there is no such host
     * @throws HostRefusedException if an address of it may not be called
     */
    public List<InetAddress> resolve(String host) throws UnknownHostException, HostRefusedException {
        List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
        check(host, addresses);
        return addresses;
    }

    /** Checks a host that a URL names, and all addresses that were found for it. */
    void check(String host, List<InetAddress> addresses) throws HostRefusedException {
        for (InetAddress address : addresses) {
            Optional<String> why = refusal(host, address);
            if (why.isPresent()) {
                throw new HostRefusedException(why.get());
            }
        }
    }

    /** Why the host may not be called, if that can be said without asking a name server. */
    public Optional<String> refusal(String host) {
        String name = withoutDot(host.toLowerCase(Locale.ROOT));
        if (name.equals(LOCALHOST) && !names.contains(LOCALHOST)) {
            return Optional.of(special(host, "this machine"));
        }
        return Network.address(host).flatMap(address -> refusal(host, address));
    }

    private Optional<String> refusal(String host, InetAddress address) {
        InetAddress actual = translated(address);
        if (networks.stream().anyMatch(network -> network.contains(actual))) {
            return Optional.empty();
        }
        Optional<String> kind = kind(actual);
        if (kind.isPresent()) {
            return Optional.of(special(host, kind.get()));
        }
        return names.contains(ANY) || isNamed(withoutDot(host.toLowerCase(Locale.ROOT)))
                ? Optional.empty()
                : Optional.of("the host '" + host + "' is not in the list " + SETTING);
    }

    private static String special(String host, String kind) {
        return "the host '" + host + "' is " + kind + ", which is only called if the list " + SETTING
                + " names its address or network";
    }

    private boolean isNamed(String host) {
        return names.contains(host)
                || names.stream().anyMatch(name -> name.startsWith("*.") && host.endsWith(name.substring(1)));
    }

    /** What is special about an address; empty for an ordinary one. */
    private static Optional<String> kind(InetAddress address) {
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return Optional.of("this machine");
        }
        if (address.isLinkLocalAddress()) {
            return Optional.of("a link-local address");
        }
        if (address.isMulticastAddress()) {
            return Optional.of("a multicast address");
        }
        return CREDENTIALS.stream().anyMatch(network -> network.contains(address))
                ? Optional.of("a reserved address")
                : Optional.empty();
    }

    private static InetAddress translated(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean translates = bytes.length > IPV4_BYTES
                && !address.isLoopbackAddress()
                && !address.isAnyLocalAddress()
                && TRANSLATED.stream().anyMatch(network -> network.contains(address));
        if (!translates) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, bytes.length - IPV4_BYTES, bytes.length));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv4 address has four bytes", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AllowedHosts hosts && hosts.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return String.join(",", entries);
    }
}

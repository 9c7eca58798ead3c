package io.understudy.console;

import io.javalin.http.Context;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The proxies in front of a console. Only of them does it believe the headers {@code X-Forwarded-For},
 * {@code X-Forwarded-Proto} and {@code X-Forwarded-Host}, because anybody can send these.
 */
public final class Proxies {

    private static final Pattern NUMERIC = Pattern.compile("[0-9a-fA-F.:]+");

    private final List<Range> ranges = new ArrayList<>();

    /** Addresses that begin with the same bits. */
    private record Range(byte[] address, int bits) {

        boolean contains(byte[] other) {
            int rest = address.length * Byte.SIZE - bits;
            return other.length == address.length
                    && new BigInteger(1, other).shiftRight(rest).equals(new BigInteger(1, address).shiftRight(rest));
        }
    }

    /**
     * Proxies at these addresses.
     *
     * @param addresses addresses such as {@code 10.1.2.3}, or ranges such as {@code 10.0.0.0/8}
     * @throws IllegalArgumentException when one is neither; the message names it
     */
    public Proxies(List<String> addresses) {
        for (String text : addresses) {
            String[] parts = text.split("/", -1);
            byte[] address = numeric(parts[0])
                    .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is neither an address, such as"
                            + " 10.1.2.3, nor a range of addresses, such as 10.0.0.0/8"));
            int most = address.length * Byte.SIZE;
            int bits = parts.length == 1 ? most : parts.length == 2 ? bits(parts[1]) : -1;
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not a range of addresses; after the slash must be 0 to " + most);
            }
            ranges.add(new Range(address, bits));
        }
    }

    private static int bits(String text) {
        return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
    }

    /** Empty for a name: it is never looked up. */
    private static Optional<byte[]> numeric(String address) {
        try {
            return NUMERIC.matcher(address).matches() && (address.contains(":") || address.split("\\.").length == 4)
                    ? Optional.of(InetAddress.getByName(address).getAddress())
                    : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private boolean contains(String address) {
        Optional<byte[]> bytes = numeric(address.replaceAll("[\\[\\]]|%.*", ""));
        return bytes.isPresent() && ranges.stream().anyMatch(range -> range.contains(bytes.get()));
    }

    /** The address of the client: of the connection, or the last that a proxy does not have itself. */
    String client(Context context) {
        String client = context.req().getRemoteAddr();
        String forwarded = context.header("X-Forwarded-For");
        if (forwarded != null) {
            String[] hops = forwarded.split(",", -1);
            for (int hop = hops.length - 1; hop >= 0 && contains(client); hop--) {
                client = hops[hop].strip();
            }
        }
        return client;
    }

    /** What a proxy says in {@code header}; empty when the connection does not come from a proxy. */
    Optional<String> forwarded(Context context, String header) {
        return contains(context.req().getRemoteAddr())
                ? Optional.ofNullable(context.header(header)).map(value -> value.split(",", -1)[0].strip())
                : Optional.empty();
    }
}

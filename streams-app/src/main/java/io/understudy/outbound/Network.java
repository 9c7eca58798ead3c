package io.understudy.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses that begin with the same bits.
 *
 * @param first an address of the network
 * @param bits number of bits that all addresses of the network share
 */
record Network(InetAddress first, int bits) {

    /** What cannot be a name: only such texts may be given to the JDK, which would ask a name server for others. */
    private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");

    /** Reads an address, or a network such as {@code 10.0.0.0/8}; empty for another text. */
    static Optional<Network> read(String text) {
        int slash = text.indexOf('/');
        return address(slash < 0 ? text : text.substring(0, slash)).flatMap(first -> {
            int all = first.getAddress().length * Byte.SIZE;
            try {
                int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
                return bits < 0 || bits > all ? Optional.empty() : Optional.of(new Network(first, bits));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        });
    }

    static Optional<InetAddress> address(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    boolean contains(InetAddress address) {
        byte[] own = first.getAddress();
        byte[] other = address.getAddress();
        if (own.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % Byte.SIZE;
            if ((own[bit / Byte.SIZE] & mask) != (other[bit / Byte.SIZE] & mask)) {
                return false;
            }
        }
        return true;
    }
}

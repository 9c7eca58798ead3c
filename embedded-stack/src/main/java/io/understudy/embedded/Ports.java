package io.understudy.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * The ports of a stack on the loopback interface.
 *
 * @param kafka port of the broker
 * @param registry port of the registry
 */
record Ports(int kafka, int registry) {

    private static final String FILE = "ports.properties";

    /** A port that is free at the moment of the call. */
    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on the loopback interface", e);
        }
    }

    /**
     * The ports that are asked for, or else those that were remembered in {@code directory} if they are still free, or
     * else free ones. Remembers them.
     *
     * @throws IOException when a port that is asked for is in use
     */
    static Ports choose(Path directory, Optional<Integer> kafka, Optional<Integer> registry) throws IOException {
        Path file = directory.resolve(FILE);
        Properties remembered = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                remembered.load(reader);
            }
        }
        Ports chosen = new Ports(choose("kafka", kafka, remembered), choose("registry", registry, remembered));
        Properties next = new Properties();
        next.setProperty("kafka", Integer.toString(chosen.kafka));
        next.setProperty("registry", Integer.toString(chosen.registry));
        try (Writer writer = Files.newBufferedWriter(file)) {
            next.store(writer, null);
        }
        return chosen;
    }

    private static int choose(String name, Optional<Integer> wanted, Properties remembered) throws IOException {
        if (wanted.isPresent()) {
            if (!isFree(wanted.get())) {
                throw new IOException("port " + wanted.get() + ", which is meant for the " + name
                        + ", is in use or not allowed; choose another");
            }
            return wanted.get();
        }
        int last = Integer.parseInt(remembered.getProperty(name, "0"));
        return last != 0 && isFree(last) ? last : free();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the broker itself does: connections that have just been closed do not count.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

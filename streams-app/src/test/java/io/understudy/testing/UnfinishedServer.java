package io.understudy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that begins its answers and does not end them, until the client closes the connection. */
public final class UnfinishedServer implements AutoCloseable {

    private static final int DRIP_MILLIS = 5;

    private final ServerSocket socket;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final CountDownLatch closedByClient = new CountDownLatch(1);

    /** How an answer does not end. */
    public enum Fault {
        /** No answer at all. */
        SILENCE,
        /** Headers, and a part of the content that they announce. */
        HALF_A_BODY,
        /** Content that goes on for ever, as fast as the client takes it. */
        ENDLESS_BODY,
        /** Content that goes on for ever, a byte at a time. */
        DRIP,
        /** Headers that go on for ever. */
        ENDLESS_HEADERS
    }

    public UnfinishedServer(Fault fault) throws IOException {
        this.socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        threads.execute(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    connections.incrementAndGet();
                    threads.execute(() -> serve(client, fault));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private void serve(Socket client, Fault fault) {
        try (client) {
            BufferedReader request = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
            for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
                // only the end of the headers matters
            }
            open.incrementAndGet();
            client.setSoTimeout(DRIP_MILLIS);
            OutputStream out = client.getOutputStream();
            switch (fault) {
                case SILENCE -> {}
                case HALF_A_BODY -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"outputs\"");
                case ENDLESS_BODY, DRIP -> write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                case ENDLESS_HEADERS -> write(out, "HTTP/1.1 200 OK\r\n");
            }
            while (isOpen(client)) {
                switch (fault) {
                    case SILENCE, HALF_A_BODY -> {}
                    case DRIP -> write(out, "1\r\n \r\n");
                    case ENDLESS_BODY -> write(out, "400\r\n" + " ".repeat(1024) + "\r\n");
                    case ENDLESS_HEADERS -> write(out, "X: " + "x".repeat(1000) + "\r\n");
                }
            }
        } catch (IOException e) {
            // The client has closed the connection.
        } finally {
            open.decrementAndGet();
            closedByClient.countDown();
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    private static boolean isOpen(Socket client) throws IOException {
        try {
            return client.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    /** The number of connections that clients have made so far. */
    public int connections() {
        return connections.get();
    }

    /** The number of requests that are being answered now. */
    public int open() {
        return open.get();
    }

    /** Waits until a client has closed a connection; returns false when none does. */
    public boolean awaitClosedByClient() throws InterruptedException {
        return closedByClient.await(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}

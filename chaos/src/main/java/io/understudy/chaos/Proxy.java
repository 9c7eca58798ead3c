package io.understudy.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Passes TCP connections on to another port of this machine. While it is cut, nothing passes in either direction and no
 * connection ends, as with a network that is away.
 */
final class Proxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int BACKLOG = 200;

    private final ServerSocket server;
    private volatile int target;
    private boolean cut;

    Proxy() throws IOException {
        this.server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    /** The port on which it listens. */
    int port() {
        return server.getLocalPort();
    }

    /** Starts to pass connections on to {@code port}. */
    void start(int port) {
        target = port;
        thread(this::accept, "proxy");
    }

    private static void thread(Runnable work, String name) {
        Thread thread = new Thread(null, work, name, BUFFER_BYTES * 4L);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                thread(() -> connect(client), "proxy-connection");
            } catch (IOException e) {
                // closed, or a connection that ended before it began
            }
        }
    }

    private void connect(Socket client) {
        try {
            awaitNetwork();
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            thread(() -> pass(broker, client), "proxy-back");
            pass(client, broker);
        } catch (IOException | InterruptedException e) {
            close(client);
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitNetwork();
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // the other side learns it by the end of its connection
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }

    private synchronized void awaitNetwork() throws InterruptedException {
        while (cut) {
            wait();
        }
    }

    /** Cuts the network. */
    synchronized void cut() {
        cut = true;
    }

    /** Mends the network: what waited passes. */
    synchronized void mend() {
        cut = false;
        notifyAll();
    }

    @Override
    public void close() throws IOException {
        server.close();
        mend();
    }
}

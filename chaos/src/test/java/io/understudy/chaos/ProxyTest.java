package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyTest {

    private static final int SHORT_MILLIS = 50;

    private ServerSocket server;
    private Proxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        proxy = new Proxy();
        proxy.start(server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    }

    @Test
    void bytesPassInBothDirections() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            accepted.getOutputStream().write(2);
            assertThat(client.getInputStream().read()).isEqualTo(2);
        }
    }

    @Test
    void nothingPassesWhileItIsCutAndEverythingAfterwards() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            proxy.cut();
            client.getOutputStream().write(1);
            accepted.setSoTimeout(SHORT_MILLIS);
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            proxy.mend();

            accepted.setSoTimeout(0);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void theEndOfOneSideIsTheEndOfTheOther() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            accepted.close();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }
}

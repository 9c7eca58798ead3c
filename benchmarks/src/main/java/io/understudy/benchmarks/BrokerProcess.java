package io.understudy.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.embedded.EmbeddedStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The embedded stack in its own process, so that its CPU time can be distinguished from that of the clients. */
final class BrokerProcess implements AutoCloseable {

    private final Process process;
    private final String bootstrapServers;
    private final String registryUrl;

    private BrokerProcess(Process process, String bootstrapServers, String registryUrl) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
        this.registryUrl = registryUrl;
    }

    static BrokerProcess start() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        return new BrokerProcess(process, reader.readLine(), reader.readLine());
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    String registryUrl() {
        return registryUrl;
    }

    /** The CPU time of the broker, without the registry. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    /** Runs until standard input ends. */
    static final class Main {

        private Main() {}

        public static void main(String[] arguments) throws Exception {
            try (EmbeddedStack stack = EmbeddedStack.temporary()) {
                System.out.println(stack.bootstrapServers());
                System.out.println(stack.registryUrl());
                while (System.in.read() >= 0) {
                    // the parent sends nothing
                }
            }
            Runtime.getRuntime().exit(0);
        }
    }
}

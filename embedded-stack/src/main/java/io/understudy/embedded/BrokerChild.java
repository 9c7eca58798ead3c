package io.understudy.embedded;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** The main class of a broker's process. It runs the broker until it is stopped or the parent process has exited. */
final class BrokerChild {

    private BrokerChild() {}

    /** Runs a broker with the configs in the file {@code arguments[0]}, in the cluster {@code arguments[1]}. */
    public static void main(String[] arguments) throws Exception {
        ParentWatch.start();
        Properties configs = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            configs.load(reader);
        }
        EmbeddedKafka kafka = EmbeddedKafka.start(configs, arguments[1], 0);
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "stop"));
        kafka.awaitStop();
    }
}

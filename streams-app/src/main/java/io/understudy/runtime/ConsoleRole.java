package io.understudy.runtime;

import io.understudy.console.Console;
import io.understudy.http.Check;
import io.understudy.http.Monitored;
import io.understudy.http.PortInUseException;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console: the page and the API. */
final class ConsoleRole implements Role {

    private static final Logger LOG = LoggerFactory.getLogger(ConsoleRole.class);

    /** How long a broker that is out of reach is waited for while somebody waits for an answer. */
    private static final int PATIENCE_MS = 10_000;

    private static final int TOKEN_BYTES = 24;

    private final Console console;
    private final String token;
    private final boolean madeToken;
    private volatile String trouble;

    ConsoleRole(Settings settings, Registry registry, Meters meters, Monitored process, InstantSource clock) {
        Settings.ConsoleSettings own = settings.console();
        this.madeToken = own.token().isEmpty();
        this.token = own.token().map(Secret::value).orElseGet(ConsoleRole::newToken);
        this.console = new Console(
                new Console.Address(own.host(), own.port(), own.isLoopback(), token, own.streamClients()),
                settings.topics(),
                registry,
                consumer(settings),
                producer(settings),
                new ReaderLag(settings),
                meters,
                process,
                clock);
    }

    private static String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Map<String, Object> consumer(Settings settings) {
        Map<String, Object> configs = settings.clients();
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configs.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        return configs;
    }

    private static Map<String, Object> producer(Settings settings) {
        Map<String, Object> configs = settings.clients();
        configs.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        configs.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, settings.maxRecordBytes());
        configs.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MS);
        configs.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS / 2);
        configs.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        return configs;
    }

    /**
     * Shows the page and answers the API, and reads the control topics as soon as they are there.
     *
     * @param alone whether the process has no other role: then it is of no use without its port; otherwise the others
     *     are
     */
    void listen(boolean alone) {
        try {
            console.start();
        } catch (PortInUseException e) {
            if (alone) {
                throw e;
            }
            trouble = e.getMessage();
            LOG.warn("The console does not listen, the other roles work without it: cause={}", trouble);
        }
    }

    @Override
    public void start() {
        // It listens already.
    }

    /** The page's address, with the token where it was made for this start; empty where the port was not to be had. */
    Optional<String> address() {
        return trouble == null ? Optional.of(console.url() + (madeToken ? "#token=" + token : "")) : Optional.empty();
    }

    @Override
    public String failure() {
        return trouble == null && console.hasStopped() ? "console stopped" : null;
    }

    @Override
    public Check readiness() {
        if (trouble != null) {
            return new Check(RoleName.CONSOLE.code(), false, trouble);
        }
        boolean fresh = console.isFresh();
        return new Check(
                RoleName.CONSOLE.code(), fresh, fresh ? "shows what is on the topics" : "waits for the control topics");
    }

    @Override
    public void close() {
        console.close();
    }
}

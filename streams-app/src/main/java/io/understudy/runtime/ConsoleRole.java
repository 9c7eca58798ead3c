package io.understudy.runtime;

import io.understudy.console.Console;
import io.understudy.console.Proxies;
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

    /** How long a request to the console may wait for a broker that is not reachable. */
    private static final int BROKER_TIMEOUT_MS = 10_000;

    private static final int TOKEN_BYTES = 24;

    private final Console console;
    private final String token;
    private final boolean generatedToken;
    private volatile Optional<String> portInUse = Optional.empty();

    ConsoleRole(Settings settings, Registry registry, Meters meters, Monitored process, InstantSource clock) {
        Settings.ConsoleSettings own = settings.console();
        this.generatedToken = own.token().isEmpty();
        this.token = own.token().map(Secret::value).orElseGet(ConsoleRole::newToken);
        this.console = new Console(
                new Console.Address(
                        own.host(),
                        own.port(),
                        own.isLoopback(),
                        token,
                        own.streamClients(),
                        own.tls().map(Settings.CertificateFiles::read),
                        new Proxies(own.proxies())),
                settings.topics(),
                registry,
                consumerConfigs(settings),
                producerConfigs(settings),
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

    private static Map<String, Object> consumerConfigs(Settings settings) {
        Map<String, Object> configs = settings.clients();
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configs.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MS);
        return configs;
    }

    private static Map<String, Object> producerConfigs(Settings settings) {
        Map<String, Object> configs = settings.clients();
        configs.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        configs.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, settings.maxRecordBytes());
        configs.put(ProducerConfig.BUFFER_MEMORY_CONFIG, settings.producerMemoryBytes());
        configs.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BROKER_TIMEOUT_MS);
        configs.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MS / 2);
        configs.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MS);
        return configs;
    }

    /**
     * Serves the page and the API, and reads the control topics as soon as they exist.
     *
     * @param onlyRole whether the process has no other role; then a port that is in use is an error, otherwise the
     * other roles work without the console
     */
    void listen(boolean onlyRole) {
        try {
            console.start();
        } catch (PortInUseException e) {
            if (onlyRole) {
                throw e;
            }
            portInUse = Optional.of(String.valueOf(e.getMessage()));
            LOG.warn("The console is not available, the other roles work without it: cause={}", e.getMessage());
        }
    }

    @Override
    public void start() {
        // listen() has already started the console
    }

    /** The address of the page, with the token if it was generated at this start; empty if the port is in use. */
    Optional<String> address() {
        return portInUse.isPresent()
                ? Optional.empty()
                : Optional.of(console.url() + (generatedToken ? "#token=" + token : ""));
    }

    @Override
    public Optional<String> failure() {
        return portInUse.isEmpty() && console.hasStopped() ? Optional.of("console stopped") : Optional.empty();
    }

    @Override
    public Check readiness() {
        if (portInUse.isPresent()) {
            return new Check(RoleName.CONSOLE.code(), false, portInUse.get());
        }
        boolean fresh = console.isFresh();
        return new Check(RoleName.CONSOLE.code(), fresh, fresh ? "is up to date" : "waits for the control topics");
    }

    @Override
    public void close() {
        console.close();
    }
}

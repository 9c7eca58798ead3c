package io.understudy.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A listener with TLS and SCRAM-SHA-512, and an authorizer that allows only what access control entries say. The
 * listener without a password stays open for the superuser and for the broker itself: this is for tests.
 */
public final class AccessControl {

    private static final String LISTENER = "SASL_SSL";
    private static final String PASSWORD = "a-password-of-a-test";
    private static final int ITERATIONS = 4096;

    private final SelfSignedCertificate certificate;
    private final int port;

    private AccessControl(SelfSignedCertificate certificate, int port) {
        this.certificate = certificate;
        this.port = port;
    }

    static AccessControl create(Path directory) throws IOException, InterruptedException {
        return new AccessControl(SelfSignedCertificate.create(directory), Ports.free());
    }

    /** Adds the listener and the authorizer to the settings of a broker. */
    void configure(Properties broker) {
        String listener = "," + LISTENER + "://127.0.0.1:" + port;
        broker.merge("listeners", listener, (all, one) -> all + (String) one);
        broker.merge("advertised.listeners", listener, (all, one) -> all + (String) one);
        broker.merge(
                "listener.security.protocol.map", "," + LISTENER + ":" + LISTENER, (all, one) -> all + (String) one);
        broker.put("sasl.enabled.mechanisms", ScramMechanism.SCRAM_SHA_512.mechanismName());
        broker.put(
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        broker.put("ssl.keystore.type", "PEM");
        broker.put("ssl.keystore.location", certificate.keyAndCertificate().toString());
        broker.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        broker.put("super.users", "User:ANONYMOUS");
    }

    /** Creates the users, or sets their passwords again. */
    public void createUsers(Admin superuser, List<String> users) throws InterruptedException, ExecutionException {
        superuser
                .alterUserScramCredentials(users.stream()
                        .map(user -> new UserScramCredentialUpsertion(
                                user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), PASSWORD))
                        .map(UserScramCredentialAlteration.class::cast)
                        .toList())
                .all()
                .get();
    }

    /** The settings of a client that logs in as {@code user}. */
    public Map<String, String> client(String user) {
        Map<String, String> configs = new HashMap<>();
        configs.put("bootstrap.servers", "127.0.0.1:" + port);
        configs.put("security.protocol", LISTENER);
        configs.put("sasl.mechanism", ScramMechanism.SCRAM_SHA_512.mechanismName());
        configs.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + PASSWORD + "\";");
        configs.put("ssl.truststore.type", "PEM");
        configs.put("ssl.truststore.location", certificate.certificate().toString());
        return configs;
    }
}

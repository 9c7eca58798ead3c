package io.understudy.registry;

import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.understudy.schema.SchemaClasses;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema registry of one process: one client, and so one cache, for all roles. What is cached needs no registry any more;
 * a look-up that does waits while the registry is out of reach, because a record must not be given up for that.
 */
public final class Registry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Registry.class);
    private static final String JAVA_STRING = ",\"avro.java.string\":\"String\"";
    private static final int CACHED_SCHEMAS = 1000;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int FIRST_SERVER_ERROR = 500;

    private final SchemaRegistryClient client;
    private final Map<String, Object> configs;
    private final Duration patience;
    private volatile boolean closed;

    /**
     * @param client the client to use; closed with this object
     * @param configs settings of the client, serializers and deserializers, by Confluent's names
     * @param patience how long a look-up waits for a registry that is out of reach
     */
    public Registry(SchemaRegistryClient client, Map<String, ?> configs, Duration patience) {
        this.client = client;
        this.configs = new HashMap<>(configs);
        this.patience = patience;
        SchemaClasses.trust();
    }

    /** Connects to {@code url}; nothing is asked yet. */
    public static Registry connect(String url, Map<String, ?> configs, Duration patience) {
        Map<String, Object> all = new HashMap<>(configs);
        all.put("schema.registry.url", url);
        // Garbage that happens to begin like Avro names random ids: remember for a while that they are unknown.
        all.putIfAbsent("missing.id.cache.ttl.sec", 60L);
        all.putIfAbsent("missing.cache.size", 10_000);
        all.putIfAbsent("http.connect.timeout.ms", 2000);
        all.putIfAbsent("http.read.timeout.ms", 5000);
        var client = new CachedSchemaRegistryClient(
                List.of(url.split(",")), CACHED_SCHEMAS, List.of(new AvroSchemaProvider()), all);
        return new Registry(client, all, patience);
    }

    /** Writes values of {@code topic}; the schema must be registered, it is never registered by writing. */
    public <T extends SpecificRecord> Encoder<T> encoder(Topic topic) {
        return new Encoder<>(topic.name(), client, configs);
    }

    /** Reads values of type {@code type}, whatever version they were written with. */
    public <T extends SpecificRecord> Decoder<T> decoder(Topic topic, Class<T> type) {
        return new Decoder<>(topic, type, client, configs, this);
    }

    /** Why the registry cannot be asked just now; empty when it answers. Whether a subject is there does not matter. */
    public Optional<String> trouble(Topic topic) {
        try {
            client.getAllVersions(topic.subject());
            return Optional.empty();
        } catch (RestClientException e) {
            return e.getStatus() == NOT_FOUND ? Optional.empty() : Optional.of(e.getMessage());
        } catch (IOException | RuntimeException e) {
            return Optional.of(e.toString());
        }
    }

    /**
     * The schema with this id, as the deserializer of {@code topic} will ask for it.
     *
     * @throws UnknownSchemaException when there is none
     * @throws RegistryUnavailableException when the registry stayed out of reach
     */
    public Schema schema(Topic topic, int id) {
        return waitingForRegistry("schema " + id, () -> {
            try {
                ParsedSchema parsed = client.getSchemaBySubjectAndId(topic.subject(), id);
                if (parsed instanceof AvroSchema avro) {
                    return avro.rawSchema();
                }
                throw new UnknownSchemaException(id, null);
            } catch (RestClientException e) {
                if (e.getStatus() == NOT_FOUND) {
                    throw new UnknownSchemaException(id, e);
                }
                throw e;
            }
        });
    }

    /** Registers the schema of every topic, and demands that its later versions stay readable both ways with all before them. */
    public void register(Topics topics) {
        for (Topic topic : topics.all()) {
            topic.valueSchema()
                    .ifPresent(schema -> waitingForRegistry("subject " + topic.subject(), () -> {
                        client.register(topic.subject(), plain(schema));
                        client.updateCompatibility(topic.subject(), CompatibilityLevel.FULL_TRANSITIVE.name);
                        return null;
                    }));
        }
    }

    /** What is wrong with the subjects, one sentence a fault; empty when all is well. Fills the cache that writing needs. */
    public List<String> faults(Topics topics) {
        List<String> faults = new ArrayList<>();
        for (Topic topic : topics.all()) {
            topic.valueSchema()
                    .ifPresent(schema -> waitingForRegistry("subject " + topic.subject(), () -> {
                        checkSubject(topic.subject(), schema, faults);
                        return null;
                    }));
        }
        return faults;
    }

    private void checkSubject(String subject, Schema schema, List<String> faults)
            throws IOException, RestClientException {
        try {
            client.getId(subject, plain(schema));
        } catch (RestClientException e) {
            if (e.getStatus() != NOT_FOUND) {
                throw e;
            }
            faults.add("subject " + subject + " does not have this version's schema");
            return;
        }
        String compatibility = compatibility(subject);
        if (!CompatibilityLevel.FULL_TRANSITIVE.name.equals(compatibility)) {
            faults.add("subject " + subject + " has compatibility " + compatibility + "; it must be "
                    + CompatibilityLevel.FULL_TRANSITIVE.name);
        }
    }

    /** The schema without what only concerns Java: a client in another language registers and finds the same one. */
    private static ParsedSchema plain(Schema schema) {
        return new AvroSchema(schema.toString().replace(JAVA_STRING, ""));
    }

    private String compatibility(String subject) throws IOException, RestClientException {
        try {
            return client.getCompatibility(subject);
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return "of the registry's default";
            }
            throw e;
        }
    }

    /** Whether a failure says that the registry cannot answer just now, rather than that the request to it was wrong. */
    static boolean isOutage(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RestClientException rest) {
                return rest.getStatus() >= FIRST_SERVER_ERROR || rest.getStatus() == TOO_MANY_REQUESTS;
            }
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    /** Calls the registry, and again while it is out of reach, for as long as patience lasts. */
    <T> T waitingForRegistry(String what, RegistryCall<T> call) {
        long giveUpAt = System.nanoTime() + patience.toNanos();
        Retry retry = Retry.of(
                "schema-registry",
                RetryConfig.custom()
                        .maxAttempts(Integer.MAX_VALUE)
                        .intervalFunction(IntervalFunction.ofExponentialBackoff(
                                Duration.ofMillis(200), 1.6, Duration.ofSeconds(5)))
                        .retryOnException(failure -> isOutage(failure) && !closed && System.nanoTime() < giveUpAt)
                        .build());
        retry.getEventPublisher()
                .onRetry(event -> LOG.warn(
                        "Schema registry out of reach, waiting: for={} attempts={} cause={}",
                        what,
                        event.getNumberOfRetryAttempts(),
                        String.valueOf(event.getLastThrowable())));
        try {
            return retry.executeCallable(call::call);
        } catch (RuntimeException e) {
            throw isOutage(e)
                    ? new RegistryUnavailableException("the schema registry is out of reach for " + what, e)
                    : e;
        } catch (Exception e) {
            throw new RegistryUnavailableException("the schema registry could not be asked for " + what, e);
        }
    }

    /** Ends all waiting: a look-up under way fails at its next attempt. */
    @Override
    public void close() {
        closed = true;
        try {
            client.close();
        } catch (IOException e) {
            LOG.warn("Schema registry client did not close: cause={}", e.toString());
        }
    }

    /** One call to the registry. */
    @FunctionalInterface
    interface RegistryCall<T> {
        T call() throws IOException, RestClientException;
    }
}

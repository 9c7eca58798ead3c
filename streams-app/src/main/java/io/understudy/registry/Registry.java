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
 * The schema registry client of one process. All roles share one client and so one cache. A cached schema needs no
 * request to the registry. A lookup that does need one waits while the registry is unavailable, because an unavailable
 * registry is not a reason to drop a record.
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
    private final Duration maxWait;
    private volatile boolean closed;

    /**
     * Wraps a client.
     *
     * @param client the client to use; closed with this object
     * @param configs settings of the client, serializers and deserializers, under Confluent's names
     * @param maxWait how long a lookup waits for an unavailable registry
     */
    public Registry(SchemaRegistryClient client, Map<String, ?> configs, Duration maxWait) {
        this.client = client;
        this.configs = new HashMap<>(configs);
        this.maxWait = maxWait;
        SchemaClasses.trust();
    }

    /** Creates a client of the registry at {@code url}. Sends no request yet. */
    public static Registry connect(String url, Map<String, ?> configs, Duration maxWait) {
        Map<String, Object> all = new HashMap<>(configs);
        all.put("schema.registry.url", url);
        // Garbage that happens to start like an Avro value contains random schema ids: cache for a while that they are
        // unknown.
        all.putIfAbsent("missing.id.cache.ttl.sec", 60L);
        all.putIfAbsent("missing.cache.size", 10_000);
        all.putIfAbsent("http.connect.timeout.ms", 2000);
        all.putIfAbsent("http.read.timeout.ms", 5000);
        var client = new CachedSchemaRegistryClient(
                List.of(url.split(",")), CACHED_SCHEMAS, List.of(new AvroSchemaProvider()), all);
        return new Registry(client, all, maxWait);
    }

    /**
     * Creates an encoder for values of {@code topic}. The schema must be registered already; the encoder never
     * registers it.
     */
    public <T extends SpecificRecord> Encoder<T> encoder(Topic topic) {
        return new Encoder<>(topic.name(), client, configs);
    }

    /** Creates a decoder for values of type {@code type} that were written with any version of its schema. */
    public <T extends SpecificRecord> Decoder<T> decoder(Topic topic, Class<T> type) {
        return new Decoder<>(topic, type, client, configs, this::schema);
    }

    /**
     * Why the registry does not answer at the moment; empty when it answers. The subject of the topic need not exist.
     */
    public Optional<String> trouble(Topic topic) {
        try {
            client.getAllVersions(topic.subject());
            return Optional.empty();
        } catch (RestClientException e) {
            return e.getStatus() == NOT_FOUND ? Optional.empty() : Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            return Optional.of(e.toString());
        }
    }

    /**
     * Looks up the schema with this id in the way in which the deserializer of {@code topic} will request it, so that
     * it is cached.
     *
     * @throws UnknownSchemaException when there is no such schema
     * @throws RegistryUnavailableException when the registry stays unavailable
     */
    public Schema schema(Topic topic, int id) {
        return retryWhileUnavailable("schema " + id, () -> {
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

    /**
     * Registers the schema of every topic. Sets its compatibility so that all versions of a schema, earlier and later,
     * can read each other's values.
     */
    public void register(Topics topics) {
        for (Topic topic : topics.all()) {
            topic.valueSchema()
                    .ifPresent(schema -> retryWhileUnavailable("subject " + topic.subject(), () -> {
                        int id = client.register(topic.subject(), plain(schema));
                        client.updateCompatibility(topic.subject(), CompatibilityLevel.FULL_TRANSITIVE.name);
                        return id;
                    }));
        }
    }

    /** The faults of the subjects, one sentence each; empty when there are none. Fills the cache that encoders need. */
    public List<String> faults(List<Topic> topics) {
        List<String> faults = new ArrayList<>();
        for (Topic topic : topics) {
            topic.valueSchema()
                    .flatMap(schema ->
                            retryWhileUnavailable("subject " + topic.subject(), () -> fault(topic.subject(), schema)))
                    .ifPresent(faults::add);
        }
        return faults;
    }

    private Optional<String> fault(String subject, Schema schema) throws IOException, RestClientException {
        try {
            client.getId(subject, plain(schema));
        } catch (RestClientException e) {
            if (e.getStatus() != NOT_FOUND) {
                throw e;
            }
            return Optional.of("subject " + subject + " does not have the schema of this version");
        }
        String expected = CompatibilityLevel.FULL_TRANSITIVE.name;
        Optional<String> compatibility = compatibility(subject);
        if (compatibility.filter(expected::equals).isPresent()) {
            return Optional.empty();
        }
        return Optional.of("subject " + subject + " has "
                + compatibility
                        .map(level -> "compatibility " + level)
                        .orElse("the default compatibility of the registry")
                + "; it must be " + expected);
    }

    /**
     * The schema without properties that only matter in Java: clients in other languages register and find the same
     * schema.
     */
    private static ParsedSchema plain(Schema schema) {
        return new AvroSchema(schema.toString().replace(JAVA_STRING, ""));
    }

    /** The compatibility of a subject; empty when it has none of its own. */
    private Optional<String> compatibility(String subject) throws IOException, RestClientException {
        try {
            return Optional.of(client.getCompatibility(subject));
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether a failure means that the registry is temporarily unavailable, not that the request was wrong. */
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

    /** Calls the registry. Repeats the call while the registry is unavailable, until the maximum wait is over. */
    <T> T retryWhileUnavailable(String what, RegistryCall<T> call) {
        long giveUpAt = System.nanoTime() + maxWait.toNanos();
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
                        "Schema registry unavailable, retrying: for={} attempts={} cause={}",
                        what,
                        event.getNumberOfRetryAttempts(),
                        String.valueOf(event.getLastThrowable())));
        try {
            return retry.executeCallable(call::call);
        } catch (RuntimeException e) {
            throw isOutage(e) ? new RegistryUnavailableException("the schema registry is unavailable: " + what, e) : e;
        } catch (Exception e) {
            throw new RegistryUnavailableException("the request to the schema registry failed: " + what, e);
        }
    }

    /** Closes the client. A lookup that waits for the registry fails at its next attempt. */
    @Override
    public void close() {
        closed = true;
        try {
            client.close();
        } catch (IOException e) {
            LOG.warn("Schema registry client could not be closed: cause={}", e.toString());
        }
    }

    /** One call to the registry. */
    @FunctionalInterface
    interface RegistryCall<T> {
        T call() throws IOException, RestClientException;
    }
}

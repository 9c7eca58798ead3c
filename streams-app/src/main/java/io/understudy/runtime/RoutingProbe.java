package io.understudy.runtime;

import io.understudy.registry.Decoder;
import io.understudy.routing.RoutingNames;
import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/** Reads versions of states from the router's global table. */
final class RoutingProbe {

    private static final long INTERVAL_MILLIS = 20;

    private final KafkaStreams streams;
    private final Decoder<RolloutState> decoder;

    RoutingProbe(KafkaStreams streams, Decoder<RolloutState> decoder) {
        this.streams = streams;
        this.decoder = decoder;
    }

    /** Waits until the table has at least {@code version} of a deployment's state. */
    void await(String deployment, long version, Duration timeout) throws InterruptedException, TimeoutException {
        long deadlineAt = System.nanoTime() + timeout.toNanos();
        while (version(deployment) < version) {
            if (System.nanoTime() > deadlineAt) {
                throw new TimeoutException("the router has not received version " + version + " of deployment '"
                        + deployment + "' within " + timeout);
            }
            TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        }
    }

    /** Returns the version in the table; 0 if the table does not have the deployment or is not open yet. */
    private long version(String deployment) {
        try {
            byte[] bytes = streams.store(StoreQueryParameters.fromNameAndType(
                            RoutingNames.STATE_STORE, QueryableStoreTypes.<String, byte[]>keyValueStore()))
                    .get(deployment);
            return bytes == null ? 0 : decoder.decode(bytes).getVersion();
        } catch (InvalidStateStoreException e) {
            return 0;
        }
    }
}

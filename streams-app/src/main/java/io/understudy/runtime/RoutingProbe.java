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

/** Looks into the router's global table. */
final class RoutingProbe {

    private static final long INTERVAL_MILLIS = 20;

    private final KafkaStreams streams;
    private final Decoder<RolloutState> decoder;

    RoutingProbe(KafkaStreams streams, Decoder<RolloutState> decoder) {
        this.streams = streams;
        this.decoder = decoder;
    }

    void await(String deployment, long version, Duration timeout) throws InterruptedException, TimeoutException {
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        while (version(deployment) < version) {
            if (System.nanoTime() > giveUpAt) {
                throw new TimeoutException("the router has not seen version " + version + " of deployment '"
                        + deployment + "' within " + timeout);
            }
            TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        }
    }

    /** The version the table holds; 0 when it holds none or is not open yet. */
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

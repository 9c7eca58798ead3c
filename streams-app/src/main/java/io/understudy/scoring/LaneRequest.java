package io.understudy.scoring;

import io.understudy.wire.Route;
import io.understudy.wire.Routed;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** A request of a lane, from its record until its answer is written. */
final class LaneRequest {

    private final ConsumerRecord<byte[], byte[]> record;
    private final PartitionProgress progress;
    private final Routed routed;
    private String requestId = "";
    private @Nullable Instant eventTime;
    private Map<String, Object> features = Map.of();
    private String modelVersion;

    LaneRequest(ConsumerRecord<byte[], byte[]> record, PartitionProgress progress, Routed routed) {
        this.record = record;
        this.progress = progress;
        this.routed = routed;
        this.modelVersion = routed.route().modelVersion();
    }

    /** Adds what the value of the record says. */
    void decoded(String requestId, @Nullable Instant eventTime, Map<String, Object> features) {
        this.requestId = requestId;
        this.eventTime = eventTime;
        this.features = features;
    }

    /** Sets the version of the model that answers, if it is not the one that the router named. */
    void answeredBy(String version) {
        modelVersion = version;
    }

    ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    PartitionProgress partition() {
        return progress;
    }

    Route route() {
        return routed.route();
    }

    Routed routed() {
        return routed;
    }

    String requestId() {
        return requestId;
    }

    @Nullable
    Instant eventTime() {
        return eventTime;
    }

    Map<String, Object> features() {
        return features;
    }

    String modelVersion() {
        return modelVersion;
    }

    Instant receivedAt() {
        return Instant.ofEpochMilli(routed.receivedAt().orElse(record.timestamp()));
    }

    Instant routedAt() {
        return Instant.ofEpochMilli(routed.routedAt());
    }

    /** The size of the record, bytes. */
    int bytes() {
        return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    /** Whether this worker no longer reads the partition of the request, so that another one answers. */
    boolean isReleased() {
        return progress.isReleased();
    }

    /** Records that the request is answered, or needs no answer. */
    void finish() {
        progress.answer(record.offset());
    }
}

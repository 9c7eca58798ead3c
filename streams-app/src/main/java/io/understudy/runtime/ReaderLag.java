package io.understudy.runtime;

import io.understudy.console.LagProbe;
import io.understudy.scoring.Lane;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests the lag of each reader from the cluster, because a reader that has failed cannot report it. */
public final class ReaderLag implements LagProbe {

    private static final Logger LOG = LoggerFactory.getLogger(ReaderLag.class);
    private static final int TIMEOUT_MS = 5000;

    private final Map<String, String> readers = new LinkedHashMap<>();
    private final Admin admin;

    /** Connects to the cluster of {@code settings}. */
    public ReaderLag(Settings settings) {
        for (RoleName role : new RoleName[] {RoleName.ROUTER, RoleName.CONTROLLER, RoleName.EVALUATOR}) {
            readers.put(role.code(), settings.topics().application(role.code()));
        }
        for (Lane lane : Lane.all(settings.lanes())) {
            readers.put(
                    "scorer-" + lane.code(), settings.topics().application(RoleName.SCORER.code()) + "-" + lane.code());
        }
        Map<String, Object> configs = settings.clients();
        configs.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        configs.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        this.admin = Admin.create(configs);
    }

    @Override
    public Map<String, Long> lags() throws InterruptedException, ExecutionException {
        ListConsumerGroupOffsetsResult committed = admin.listConsumerGroupOffsets(readers.values().stream()
                .collect(Collectors.toMap(Function.identity(), group -> new ListConsumerGroupOffsetsSpec())));
        Map<String, Long> lags = new LinkedHashMap<>();
        for (Map.Entry<String, String> reader : readers.entrySet()) {
            try {
                lagBehindEnds(committed
                                .partitionsToOffsetAndMetadata(reader.getValue())
                                .get())
                        .ifPresent(lag -> lags.put(reader.getKey(), lag));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RetriableException) {
                    throw e;
                }
                // Without permission for one reader, the lags of the others are still returned.
                LOG.debug("Cannot read a lag: reader={}", reader.getKey(), e.getCause());
            }
        }
        return lags;
    }

    private Optional<Long> lagBehindEnds(Map<TopicPartition, OffsetAndMetadata> committed)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(committed);
        offsets.values().removeIf(Objects::isNull);
        if (offsets.isEmpty()) {
            return Optional.empty();
        }
        ListOffsetsResult ends = admin.listOffsets(offsets.keySet().stream()
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest())));
        long lag = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> offset : offsets.entrySet()) {
            lag += Math.max(
                    0,
                    ends.partitionResult(offset.getKey()).get().offset()
                            - offset.getValue().offset());
        }
        return Optional.of(lag);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}

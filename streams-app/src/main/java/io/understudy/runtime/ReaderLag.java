package io.understudy.runtime;

import io.understudy.console.LagProbe;
import io.understudy.scoring.Lane;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How far each reader is behind, asked of the cluster: a reader that is dead cannot tell. */
final class ReaderLag implements LagProbe {

    private static final int TIMEOUT_MS = 5000;

    private final Map<String, String> readers = new LinkedHashMap<>();
    private final Admin admin;

    ReaderLag(Settings settings) {
        String prefix = settings.prefix() + "understudy-";
        for (RoleName role : new RoleName[] {RoleName.ROUTER, RoleName.CONTROLLER, RoleName.EVALUATOR}) {
            readers.put(role.code(), prefix + role.code());
        }
        for (Lane lane : Lane.values()) {
            readers.put("scorer-" + lane.code(), prefix + "scorer-" + lane.code());
        }
        Map<String, Object> configs = settings.clients();
        configs.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        configs.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        this.admin = Admin.create(configs);
    }

    @Override
    public Map<String, Long> lags() throws InterruptedException, ExecutionException {
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed = admin.listConsumerGroupOffsets(
                        readers.values().stream()
                                .collect(Collectors.toMap(
                                        Function.identity(), group -> new ListConsumerGroupOffsetsSpec())))
                .all()
                .get();
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        committed.values().forEach(offsets -> offsets.keySet().forEach(at -> wanted.put(at, OffsetSpec.latest())));
        var ends = admin.listOffsets(wanted).all().get();
        Map<String, Long> lags = new LinkedHashMap<>();
        readers.forEach((reader, group) -> {
            Map<TopicPartition, OffsetAndMetadata> offsets = committed.get(group);
            if (!offsets.isEmpty()) {
                lags.put(
                        reader,
                        offsets.entrySet().stream()
                                .mapToLong(offset -> Math.max(
                                        0,
                                        ends.get(offset.getKey()).offset()
                                                - offset.getValue().offset()))
                                .sum());
            }
        });
        return lags;
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ofSeconds(1));
    }
}

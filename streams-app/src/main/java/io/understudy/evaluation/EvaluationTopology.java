package io.understudy.evaluation;

import io.understudy.evaluation.CollectorOutput.Partial;
import io.understudy.evaluation.CollectorOutput.Unusable;
import io.understudy.streams.CommitHook;
import io.understudy.streams.StateTable;
import io.understudy.topics.InternalTopic;
import io.understudy.topics.InternalTopic.Partitioning;
import io.understudy.topics.Topics;
import io.understudy.wire.RecordTime;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Turns answers and outcomes into evaluations, in two steps. First, each partition counts its records in windows. Then,
 * for each deployment, one task merges the windows of all partitions and judges them. Only sums are sent between the
 * two steps, so this network traffic does not grow with the number of requests. The evaluator is a separate
 * application, because joining and counting must not slow down the router.
 */
public final class EvaluationTopology {

    private EvaluationTopology() {}

    /**
     * Builds the topology.
     *
     * @param judgingTasks number of tasks that the deployments are distributed to, which is the number of partitions of
     * the topic between the two steps. It must never change: with another number, deployments would get to tasks that
     * do not have their evidence.
     */
    public static Topology build(Topics topics, EvaluationContext evaluation, int judgingTasks) {
        StreamsBuilder builder = new StreamsBuilder();
        StateTable.addTo(builder, topics, EvaluationNames.STATE_STORE);
        builder.addStateStore(Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(EvaluationNames.PENDING_STORE),
                        Serdes.String(),
                        Serdes.ByteArray())
                .withCachingEnabled());
        builder.addStateStore(inMemory(EvaluationNames.WINDOW_STORE));
        builder.addStateStore(CommitHook.builder(EvaluationNames.WINDOW_HOOK));
        builder.addStateStore(inMemory(EvaluationNames.EVIDENCE_STORE));
        builder.addStateStore(CommitHook.builder(EvaluationNames.EVIDENCE_HOOK));

        Serde<byte[]> bytes = Serdes.ByteArray();
        KStream<byte[], CollectorOutput> collected = builder.stream(
                        List.of(
                                topics.predictions().name(),
                                topics.candidatePredictions().name(),
                                topics.outcomes().name()),
                        Consumed.with(bytes, bytes)
                                .withTimestampExtractor(new RecordTime())
                                .withOffsetResetPolicy(AutoOffsetReset.earliest())
                                .withName("answers-and-outcomes"))
                .process(
                        CollectingProcessor.supplier(evaluation),
                        Named.as(EvaluationNames.COLLECTOR),
                        EvaluationNames.PENDING_STORE,
                        EvaluationNames.WINDOW_STORE,
                        EvaluationNames.WINDOW_HOOK);
        collected
                .filter((key, value) -> value instanceof Unusable, Named.as("unusable"))
                .mapValues(CollectorOutput::bytes, Named.as("unusable-bytes"))
                .to(topics.deadLetters().name(), Produced.with(bytes, bytes).withName("dead-letters"));
        collected
                .filter((key, value) -> value instanceof Partial, Named.as("partial"))
                .mapValues(CollectorOutput::bytes, Named.as("partial-bytes"))
                .repartition(Repartitioned.with(bytes, bytes)
                        .withName(EvaluationNames.PARTIALS)
                        .withNumberOfPartitions(judgingTasks))
                .process(
                        JudgingProcessor.supplier(evaluation),
                        Named.as(EvaluationNames.JUDGE),
                        EvaluationNames.EVIDENCE_STORE,
                        EvaluationNames.EVIDENCE_HOOK)
                .to(
                        topics.rolloutEvaluations().name(),
                        Produced.with(bytes, bytes).withName("evaluations"));
        return builder.build();
    }

    /**
     * The topics in which Kafka Streams keeps the evaluator's stores, and that between its two steps.
     *
     * @param application id of the application
     * @param maxMessageBytes largest record of a store
     */
    public static List<InternalTopic> internalTopics(String application, int maxMessageBytes) {
        return List.of(
                InternalTopic.changelog(application, EvaluationNames.PENDING_STORE, Partitioning.DATA, maxMessageBytes),
                InternalTopic.changelog(application, EvaluationNames.WINDOW_STORE, Partitioning.DATA, maxMessageBytes),
                partials(application, maxMessageBytes),
                InternalTopic.changelog(
                        application, EvaluationNames.EVIDENCE_STORE, Partitioning.FIXED, maxMessageBytes));
    }

    /** The topic between the two steps. */
    public static InternalTopic partials(String application, int maxMessageBytes) {
        return InternalTopic.repartition(application, EvaluationNames.PARTIALS, Partitioning.FIXED, maxMessageBytes);
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> inMemory(String name) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
    }
}

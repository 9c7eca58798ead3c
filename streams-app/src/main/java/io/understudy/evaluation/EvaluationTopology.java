package io.understudy.evaluation;

import io.understudy.evaluation.CollectorOutput.Partial;
import io.understudy.evaluation.CollectorOutput.Unusable;
import io.understudy.streams.CommitHook;
import io.understudy.streams.StateTable;
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
 * Answers and outcomes to evaluations, in two steps: each partition counts what it has into windows, and one task a deployment merges
 * the partitions' windows and judges. Between them go sums alone, so the network carries as much at any traffic. An application of
 * its own: joining and counting must not slow the router.
 */
public final class EvaluationTopology {

    private EvaluationTopology() {}

    /** The topology over {@code topics}; {@code evaluation} is what its processors work with. */
    public static Topology build(Topics topics, EvaluationContext evaluation) {
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
                        () -> new CollectingProcessor(evaluation),
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
                .repartition(Repartitioned.with(bytes, bytes).withName(EvaluationNames.PARTIALS))
                .process(
                        () -> new JudgingProcessor(evaluation),
                        Named.as(EvaluationNames.JUDGE),
                        EvaluationNames.EVIDENCE_STORE,
                        EvaluationNames.EVIDENCE_HOOK)
                .to(
                        topics.rolloutEvaluations().name(),
                        Produced.with(bytes, bytes).withName("evaluations"));
        return builder.build();
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> inMemory(String name) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
    }
}

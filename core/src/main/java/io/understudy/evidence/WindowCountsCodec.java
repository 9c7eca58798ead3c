package io.understudy.evidence;

import io.understudy.plan.StagePlan;
import io.understudy.schema.AnswerSpread;
import io.understudy.schema.CentredMoments;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.KeyBucket;
import io.understudy.schema.MetricTally;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScoreBin;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.Moments;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.TwoByTwoTable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Blocks as Avro records and back. The same observations give the same record. */
public final class WindowCountsCodec {

    static {
        // Building a record may copy another.
        SchemaClasses.trust();
    }

    private WindowCountsCodec() {}

    /** The block as a record. */
    public static EvidenceBlock encode(WindowCounts block, Instant windowStart) {
        return EvidenceBlock.newBuilder()
                .setWindowStart(windowStart)
                .setClosedByWallClock(block.isClosedByWallClock())
                .setExistingRequests(block.existingRequests())
                .setCandidateRequests(block.candidateRequests())
                .setExistingLabelled(block.existingLabelled())
                .setCandidateLabelled(block.candidateLabelled())
                .setExistingKeys(ByteBuffer.wrap(block.existingKeys().toBytes()))
                .setCandidateKeys(ByteBuffer.wrap(block.candidateKeys().toBytes()))
                .setMetrics(
                        block.tallies().stream().map(WindowCountsCodec::encode).toList())
                .setExistingAnswers(encode(block.existingAnswers()))
                .setCandidateAnswers(encode(block.candidateAnswers()))
                .setDisagreements(List.copyOf(block.disagreements()))
                .build();
    }

    /** The block that a record was made of, by the same stage's plan. */
    public static WindowCounts decode(EvidenceBlock record, StagePlan stage, boolean byKey) {
        WindowCounts block = WindowCounts.empty(stage, byKey);
        if (record.getMetrics().size() != block.tallies().size()) {
            throw new IllegalArgumentException(
                    "the block has " + record.getMetrics().size() + " metrics, and its stage "
                            + block.tallies().size());
        }
        block.addCounts(
                record.getExistingRequests(),
                record.getCandidateRequests(),
                record.getExistingLabelled(),
                record.getCandidateLabelled());
        block.existingKeys().addAll(KeySketch.fromBytes(bytes(record.getExistingKeys())));
        block.candidateKeys().addAll(KeySketch.fromBytes(bytes(record.getCandidateKeys())));
        for (int i = 0; i < block.tallies().size(); i++) {
            restore(block.tallies().get(i), record.getMetrics().get(i));
        }
        restore(block.existingAnswers(), record.getExistingAnswers());
        restore(block.candidateAnswers(), record.getCandidateAnswers());
        record.getDisagreements().forEach(block::keep);
        // A block that was worth keeping had something in it.
        block.markObserved();
        if (record.getClosedByWallClock()) {
            block.closedByWallClock();
        }
        return block;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static MetricTally encode(Tally tally) {
        MetricTally.Builder record = MetricTally.newBuilder();
        if (tally instanceof Tally.Rates rates) {
            TwoByTwoTable table = rates.table();
            record.setCounts(List.of(
                    table.existingUnits(),
                    table.existingSuccesses(),
                    table.candidateUnits(),
                    table.candidateSuccesses()));
        } else if (tally instanceof Tally.Pairs pairs) {
            PairCounts counts = pairs.counts();
            record.setCounts(
                    List.of(counts.bothRight(), counts.existingOnly(), counts.candidateOnly(), counts.bothWrong()));
        } else if (tally instanceof Tally.Means means) {
            record.setMoments(List.of(encode(means.existing()), encode(means.candidate()), encode(means.difference())));
        } else if (tally instanceof Tally.Buckets buckets) {
            record.setBuckets(
                    List.of(encode(buckets.existing()), encode(buckets.candidate()), encode(buckets.difference())));
        } else if (tally instanceof Tally.Scores scores) {
            record.setScores(List.of(encode(scores.existing()), encode(scores.candidate())));
        }
        return record.build();
    }

    private static CentredMoments encode(Moments moments) {
        return new CentredMoments(moments.n(), moments.mean(), moments.m2(), moments.m3());
    }

    private static List<KeyBucket> encode(KeyGroupSums buckets) {
        List<KeyBucket> entries = new ArrayList<>();
        buckets.forEach((bucket, countAndSum) -> {
            double sum = countAndSum[1];
            boolean whole = sum == Math.rint(sum) && Math.abs(sum) < 1e15;
            entries.add(new KeyBucket(bucket, (long) countAndSum[0], whole ? (Object) (long) sum : (Object) sum));
        });
        return entries;
    }

    private static List<ScoreBin> encode(LogHistogram histogram) {
        List<ScoreBin> bins = new ArrayList<>();
        histogram.counts().forEach((bin, count) -> bins.add(new ScoreBin(bin, count)));
        return bins;
    }

    private static AnswerSpread encode(AnswerHistograms spread) {
        return new AnswerSpread(encode(spread.scores()), encode(spread.latencies()));
    }

    private static void restore(AnswerHistograms spread, AnswerSpread record) {
        record.getScores().forEach(bin -> spread.scores().add(bin.getBin(), bin.getCount()));
        record.getLatencies().forEach(bin -> spread.latencies().add(bin.getBin(), bin.getCount()));
    }

    private static void restore(Tally tally, MetricTally record) {
        if (tally instanceof Tally.Rates rates) {
            List<Long> counts = record.getCounts();
            rates.add(new TwoByTwoTable(counts.get(0), counts.get(1), counts.get(2), counts.get(3)));
        } else if (tally instanceof Tally.Pairs pairs) {
            List<Long> counts = record.getCounts();
            pairs.add(new PairCounts(counts.get(0), counts.get(1), counts.get(2), counts.get(3)));
        } else if (tally instanceof Tally.Means means) {
            List<CentredMoments> moments = record.getMoments();
            means.add(decode(moments.get(0)), decode(moments.get(1)), decode(moments.get(2)));
        } else if (tally instanceof Tally.Buckets buckets) {
            restore(buckets.existing(), record.getBuckets().get(0));
            restore(buckets.candidate(), record.getBuckets().get(1));
            restore(buckets.difference(), record.getBuckets().get(2));
        } else if (tally instanceof Tally.Scores scores) {
            record.getScores().get(0).forEach(bin -> scores.existing().add(bin.getBin(), bin.getCount()));
            record.getScores().get(1).forEach(bin -> scores.candidate().add(bin.getBin(), bin.getCount()));
        }
    }

    private static Moments decode(CentredMoments record) {
        return new Moments(record.getN(), record.getMean(), record.getM2(), record.getM3());
    }

    private static void restore(KeyGroupSums buckets, List<KeyBucket> entries) {
        entries.forEach(
                entry -> buckets.add(entry.getBucket(), entry.getRequests(), ((Number) entry.getSum()).doubleValue()));
    }
}

package io.understudy.evidence;

import io.understudy.plan.StagePlan;
import io.understudy.schema.AnswerSpread;
import io.understudy.schema.Arm;
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

/** Converts window counts to Avro records and back. Equal observations give equal records. */
public final class WindowCountsCodec {

    static {
        // Building a record may copy another one.
        SchemaClasses.trust();
    }

    private WindowCountsCodec() {}

    /** {@code counts} as a record. */
    public static EvidenceBlock encode(WindowCounts counts, Instant windowStart) {
        return EvidenceBlock.newBuilder()
                .setWindowStart(windowStart)
                .setClosedByWallClock(counts.isClosedByWallClock())
                .setExistingRequests(counts.existingRequests())
                .setCandidateRequests(counts.candidateRequests())
                .setExistingLabelled(counts.existingLabelled())
                .setCandidateLabelled(counts.candidateLabelled())
                .setExistingKeys(ByteBuffer.wrap(counts.existingKeys().toBytes()))
                .setCandidateKeys(ByteBuffer.wrap(counts.candidateKeys().toBytes()))
                .setMetrics(
                        counts.tallies().stream().map(WindowCountsCodec::encode).toList())
                .setExistingAnswers(encode(counts.existingAnswers()))
                .setCandidateAnswers(encode(counts.candidateAnswers()))
                .setDisagreements(List.copyOf(counts.disagreements()))
                .setComplete(RequestCountsCodec.encode(counts.complete().requests()))
                .setCompleteExistingKeys(RequestCountsCodec.keys(counts.complete(), Arm.EXISTING))
                .setCompleteCandidateKeys(RequestCountsCodec.keys(counts.complete(), Arm.CANDIDATE))
                .setCoverage(RequestCountsCodec.encode(counts.coverage()))
                .setMatureCoverage(RequestCountsCodec.encode(counts.matureCoverage()))
                .setRequestsAhead(counts.requestsAhead())
                .build();
    }

    /**
     * The counts in {@code record}.
     *
     * @param stage the plan of the stage that the counts belong to
     */
    public static WindowCounts decode(EvidenceBlock record, StagePlan stage, boolean byKey) {
        WindowCounts counts = WindowCounts.underWay(stage, byKey);
        if (record.getMetrics().size() != counts.tallies().size()) {
            throw new IllegalArgumentException(
                    "the record has " + record.getMetrics().size() + " metrics, but its stage has "
                            + counts.tallies().size());
        }
        counts.addCounts(
                record.getExistingRequests(),
                record.getCandidateRequests(),
                record.getExistingLabelled(),
                record.getCandidateLabelled());
        counts.existingKeys().addAll(KeySketch.fromBytes(RequestCountsCodec.bytes(record.getExistingKeys())));
        counts.candidateKeys().addAll(KeySketch.fromBytes(RequestCountsCodec.bytes(record.getCandidateKeys())));
        for (int i = 0; i < counts.tallies().size(); i++) {
            restore(counts.tallies().get(i), record.getMetrics().get(i));
        }
        restore(counts.existingAnswers(), record.getExistingAnswers());
        restore(counts.candidateAnswers(), record.getCandidateAnswers());
        record.getDisagreements().forEach(counts::keepIfLarge);
        RequestCountsCodec.restore(
                counts.complete(),
                record.getComplete(),
                record.getCompleteExistingKeys(),
                record.getCompleteCandidateKeys());
        RequestCountsCodec.restore(counts.coverage(), record.getCoverage());
        RequestCountsCodec.restore(counts.matureCoverage(), record.getMatureCoverage());
        counts.addRequestsAhead(record.getRequestsAhead());
        // A record is assumed to hold at least one observation.
        counts.markObserved();
        if (record.getClosedByWallClock()) {
            counts.closedByWallClock();
        }
        return counts;
    }

    static MetricTally encode(Tally tally) {
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
        } else if (tally instanceof Tally.KeyGroups groups) {
            record.setBuckets(
                    List.of(encode(groups.existing()), encode(groups.candidate()), encode(groups.difference())));
        } else if (tally instanceof Tally.Scores scores) {
            record.setScores(List.of(encode(scores.existing()), encode(scores.candidate())));
        }
        return record.build();
    }

    private static CentredMoments encode(Moments moments) {
        return new CentredMoments(
                moments.n(),
                moments.mean(),
                moments.m2(),
                moments.m3(),
                Double.isNaN(moments.m4()) ? null : moments.m4());
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

    private static AnswerSpread encode(AnswerHistograms histograms) {
        return new AnswerSpread(encode(histograms.scores()), encode(histograms.latencies()));
    }

    private static void restore(AnswerHistograms histograms, AnswerSpread record) {
        record.getScores().forEach(bin -> histograms.scores().add(bin.getBin(), bin.getCount()));
        record.getLatencies().forEach(bin -> histograms.latencies().add(bin.getBin(), bin.getCount()));
    }

    static void restore(Tally tally, MetricTally record) {
        if (tally instanceof Tally.Rates rates) {
            List<Long> counts = record.getCounts();
            rates.add(new TwoByTwoTable(counts.get(0), counts.get(1), counts.get(2), counts.get(3)));
        } else if (tally instanceof Tally.Pairs pairs) {
            List<Long> counts = record.getCounts();
            pairs.add(new PairCounts(counts.get(0), counts.get(1), counts.get(2), counts.get(3)));
        } else if (tally instanceof Tally.Means means) {
            List<CentredMoments> moments = record.getMoments();
            means.add(decode(moments.get(0)), decode(moments.get(1)), decode(moments.get(2)));
        } else if (tally instanceof Tally.KeyGroups groups) {
            restore(groups.existing(), record.getBuckets().get(0));
            restore(groups.candidate(), record.getBuckets().get(1));
            restore(groups.difference(), record.getBuckets().get(2));
        } else if (tally instanceof Tally.Scores scores) {
            record.getScores().get(0).forEach(bin -> scores.existing().add(bin.getBin(), bin.getCount()));
            record.getScores().get(1).forEach(bin -> scores.candidate().add(bin.getBin(), bin.getCount()));
        }
    }

    private static Moments decode(CentredMoments record) {
        return new Moments(
                record.getN(),
                record.getMean(),
                record.getM2(),
                record.getM3(),
                // Records of earlier versions lack it.
                record.getM4() == null ? Double.NaN : record.getM4());
    }

    private static void restore(KeyGroupSums buckets, List<KeyBucket> entries) {
        entries.forEach(
                entry -> buckets.add(entry.getBucket(), entry.getRequests(), ((Number) entry.getSum()).doubleValue()));
    }
}

package io.understudy.evidence;

import io.understudy.plan.StagePlan;
import io.understudy.schema.AnswerSpread;
import io.understudy.schema.Arm;
import io.understudy.schema.CentredMoments;
import io.understudy.schema.DataCheckState;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.KeyBucket;
import io.understudy.schema.MetricTally;
import io.understudy.schema.RatioBucket;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScoreBin;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.Moments;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.RatioSums;
import io.understudy.statistics.TwoByTwoTable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
                .setMetrics(metrics(counts))
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
            restore(counts.checks().get(i), record.getMetrics().get(i).getData());
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

    private static List<MetricTally> metrics(WindowCounts counts) {
        List<MetricTally> metrics = new ArrayList<>();
        for (int i = 0; i < counts.tallies().size(); i++) {
            boolean readsOutcomes = counts.stage().metrics().get(i).kind().needsOutcome();
            metrics.add(builder(counts.tallies().get(i))
                    .setData(readsOutcomes ? encode(counts.checks().get(i)) : null)
                    .build());
        }
        return metrics;
    }

    private static DataCheckState encode(DataCheck check) {
        return new DataCheckState(
                List.copyOf(check.outcomes()),
                List.copyOf(check.labels(Arm.EXISTING)),
                List.copyOf(check.labels(Arm.CANDIDATE)),
                check.unusableOutcomes(),
                check.unusableAnswers(Arm.EXISTING),
                check.unusableAnswers(Arm.CANDIDATE));
    }

    private static void restore(DataCheck check, @Nullable DataCheckState record) {
        if (record != null) {
            check.addSamples(record.getOutcomes(), record.getExistingLabels(), record.getCandidateLabels());
            check.addUnusable(
                    record.getUnusableOutcomes(), record.getExistingUnusable(), record.getCandidateUnusable());
        }
    }

    static MetricTally encode(Tally tally) {
        return builder(tally).build();
    }

    private static MetricTally.Builder builder(Tally tally) {
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
        } else if (tally instanceof LatencyTally latencies) {
            encode(latencies, record);
        } else if (tally instanceof Tally.Ratios ratios) {
            record.setRatios(List.of(encode(ratios.existing()), encode(ratios.candidate())));
        } else if (tally instanceof Tally.Scores scores) {
            record.setScores(List.of(encode(scores.existing()), encode(scores.candidate())));
        }
        return record;
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

    private static void encode(LatencyTally latencies, MetricTally.Builder record) {
        record.setLatencies(List.of(
                encode(latencies.existing().histogram()),
                encode(latencies.candidate().histogram())));
        if (latencies.isByKey()) {
            record.setKeyLatencies(List.of(cells(latencies.existing()), cells(latencies.candidate())))
                    .setBuckets(List.of(
                            encode(latencies.existing().above()),
                            encode(latencies.candidate().above())));
        }
    }

    /** For each bucket that has latencies: its number, then bins by their distance to the one before, and counts. */
    private static List<List<Long>> cells(LatencyTally.ArmLatencies latencies) {
        List<List<Long>> cells = new ArrayList<>();
        latencies.cells().forEach((bucket, histogram) -> {
            List<Long> cell = new ArrayList<>(List.of((long) bucket));
            long before = 0;
            for (Map.Entry<Integer, Long> bin : histogram.counts().entrySet()) {
                cell.add(bin.getKey() - before);
                cell.add(bin.getValue());
                before = bin.getKey();
            }
            cells.add(cell);
        });
        return cells;
    }

    private static void restore(LatencyTally.ArmLatencies latencies, MetricTally record, int arm) {
        record.getLatencies().get(arm).forEach(bin -> latencies.histogram().add(bin.getBin(), bin.getCount()));
        if (record.getBuckets().isEmpty()) {
            return;
        }
        restore(latencies.above(), record.getBuckets().get(arm));
        for (List<Long> cell : record.getKeyLatencies().get(arm)) {
            LogHistogram histogram = latencies.cell(Math.toIntExact(cell.get(0)));
            long bin = 0;
            for (int i = 1; i < cell.size(); i += 2) {
                bin += cell.get(i);
                histogram.add(Math.toIntExact(bin), cell.get(i + 1));
            }
        }
    }

    private static List<RatioBucket> encode(RatioSums sums) {
        List<RatioBucket> entries = new ArrayList<>();
        sums.forEach((bucket, observations, numerator, denominator) ->
                entries.add(new RatioBucket(bucket, observations, numerator, denominator)));
        return entries;
    }

    private static void restore(RatioSums sums, List<RatioBucket> entries) {
        entries.forEach(entry ->
                sums.add(entry.getBucket(), entry.getObservations(), entry.getNumerator(), entry.getDenominator()));
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
        } else if (tally instanceof LatencyTally latencies) {
            restore(latencies.existing(), record, 0);
            restore(latencies.candidate(), record, 1);
        } else if (tally instanceof Tally.Ratios ratios) {
            restore(ratios.existing(), record.getRatios().get(0));
            restore(ratios.candidate(), record.getRatios().get(1));
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

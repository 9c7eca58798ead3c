package io.understudy.evidence;

import io.understudy.schema.Arm;
import io.understudy.schema.ArmRequests;
import io.understudy.schema.BucketRequests;
import io.understudy.schema.RequestSlot;
import io.understudy.statistics.KeyGroupSums;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Converts counts of requests to Avro records and back. Equal counts give equal records. */
public final class RequestCountsCodec {

    private RequestCountsCodec() {}

    /** {@code counts} as records: requests, and observations of each metric; none without requests. */
    public static List<ArmRequests> encode(RequestCounts counts) {
        return counts.isEmpty()
                ? List.of()
                : counts.counts().stream().map(RequestCountsCodec::encode).toList();
    }

    /** Adds the counts in {@code records} to {@code counts}. */
    public static void restore(RequestCounts counts, List<ArmRequests> records) {
        if (!records.isEmpty() && records.size() != counts.counts().size()) {
            throw new IllegalArgumentException(
                    "the record has " + records.size() + " counts of requests, but its stage has "
                            + counts.counts().size());
        }
        for (int i = 0; i < records.size(); i++) {
            restore(counts.counts().get(i), records.get(i));
        }
    }

    /** {@code requests} of a span of time that begins at {@code start}, as a record. */
    public static RequestSlot encode(long start, CompleteRequests requests) {
        return new RequestSlot(
                start, encode(requests.requests()), keys(requests, Arm.EXISTING), keys(requests, Arm.CANDIDATE));
    }

    static ByteBuffer keys(CompleteRequests requests, Arm arm) {
        return ByteBuffer.wrap(requests.keys(arm).toBytes());
    }

    /** Adds the requests in {@code record} to {@code requests}. */
    public static void restore(CompleteRequests requests, RequestSlot record) {
        restore(requests, record.getCounts(), record.getExistingKeys(), record.getCandidateKeys());
    }

    static void restore(
            CompleteRequests requests, List<ArmRequests> counts, ByteBuffer existingKeys, ByteBuffer candidateKeys) {
        restore(requests.requests(), counts);
        requests.keys(Arm.EXISTING).addBytes(bytes(existingKeys));
        requests.keys(Arm.CANDIDATE).addBytes(bytes(candidateKeys));
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static ArmRequests encode(BucketedRequests requests) {
        return new ArmRequests(encode(requests, Arm.EXISTING), encode(requests, Arm.CANDIDATE));
    }

    private static List<BucketRequests> encode(BucketedRequests requests, Arm arm) {
        long[] counts = requests.of(arm, KeyGroupSums.COUNT);
        List<BucketRequests> records = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                records.add(new BucketRequests(i, counts[i]));
            }
        }
        return records;
    }

    private static void restore(BucketedRequests requests, ArmRequests record) {
        record.getExisting().forEach(entry -> requests.add(Arm.EXISTING, entry.getBucket(), entry.getRequests()));
        record.getCandidate().forEach(entry -> requests.add(Arm.CANDIDATE, entry.getBucket(), entry.getRequests()));
    }
}

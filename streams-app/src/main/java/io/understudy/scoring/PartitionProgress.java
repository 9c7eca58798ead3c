package io.understudy.scoring;

import java.util.Base64;
import java.util.BitSet;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Which records of a partition are answered. Models answer at different times, so a record may be answered before an
 * earlier one. The offset to commit is that of the first unanswered record, and the metadata of the commit says which
 * later records are answered already. Whoever reads the partition next does not answer these again. For one thread.
 */
final class PartitionProgress {

    /** The maximum length of the metadata. A broker allows 4096 bytes unless it is configured otherwise. */
    private static final int MAX_METADATA_LENGTH = 4000;

    /** How many offsets are read beyond the first unanswered record. Leaves room for one more batch in the metadata. */
    private static final int MAX_WINDOW = 12_000;

    private static final String PREFIX = "answered:";

    /** The offset of bit 0. All records before it are answered. */
    private long base;

    /** The records that were read and are not answered. */
    private BitSet open = new BitSet();

    /** The records from {@link #base} on that are answered. */
    private BitSet answered;

    private OffsetAndMetadata next;
    private boolean changed;
    private boolean released;

    private PartitionProgress(long base, BitSet answered) {
        this.base = base;
        this.answered = answered;
        this.next = new OffsetAndMetadata(base);
    }

    /** The progress of a partition of which nothing is answered from {@code offset} on. */
    static PartitionProgress from(long offset) {
        return new PartitionProgress(offset, new BitSet());
    }

    /** The progress that was committed last. */
    static PartitionProgress from(OffsetAndMetadata committed) {
        return new PartitionProgress(committed.offset(), answeredIn(committed.metadata()));
    }

    /** Text that another program wrote says nothing about answers. */
    private static BitSet answeredIn(String metadata) {
        if (!metadata.startsWith(PREFIX)) {
            return new BitSet();
        }
        try {
            return BitSet.valueOf(Base64.getDecoder().decode(metadata.substring(PREFIX.length())));
        } catch (IllegalArgumentException e) {
            return new BitSet();
        }
    }

    /** Whether the record at {@code offset} was answered before this worker read it. */
    boolean isAnswered(long offset) {
        return offset - base < answered.length() && answered.get((int) (offset - base));
    }

    /** Whether the record at {@code offset} can be one of this partition, and not of a topic that was created anew. */
    boolean covers(long offset) {
        return offset >= base;
    }

    /** Records that the record at {@code offset} was read. */
    void read(long offset) {
        if (open.isEmpty()) {
            // Otherwise, a long gap, such as records that retention has deleted, would cost a bit for each offset.
            moveBaseTo(offset);
        }
        open.set(Math.toIntExact(offset - base));
    }

    private void moveBaseTo(long offset) {
        open = after(open, offset - base);
        answered = after(answered, offset - base);
        base = offset;
    }

    private static BitSet after(BitSet bits, long count) {
        return count >= bits.length() ? new BitSet() : bits.get((int) count, bits.length());
    }

    /** Records that all records before {@code position} were read. */
    void readUpTo(OffsetAndMetadata position) {
        next = position;
    }

    /** Records that the record at {@code offset} is answered, or needs no answer. */
    void answer(long offset) {
        int bit = Math.toIntExact(offset - base);
        open.clear(bit);
        answered.set(bit);
        changed = true;
    }

    /** Whether records were answered since {@link #committed}. */
    boolean hasChanged() {
        return changed;
    }

    /** Whether so many records were read beyond the first unanswered one that no more should be. */
    boolean isWide() {
        return !open.isEmpty() && next.offset() - base - open.nextSetBit(0) > MAX_WINDOW;
    }

    /** The position to commit; empty while its metadata would be too long, until earlier records are answered. */
    Optional<OffsetAndMetadata> position() {
        moveBaseTo(open.isEmpty() ? next.offset() : base + open.nextSetBit(0));
        if (answered.isEmpty()) {
            return Optional.of(
                    base == next.offset()
                            ? new OffsetAndMetadata(base, next.leaderEpoch(), "")
                            : new OffsetAndMetadata(base));
        }
        String metadata = PREFIX + Base64.getEncoder().encodeToString(answered.toByteArray());
        return Optional.of(new OffsetAndMetadata(base, metadata))
                .filter(position -> metadata.length() <= MAX_METADATA_LENGTH);
    }

    /** Records that {@link #position} is committed. */
    void committed() {
        changed = false;
    }

    /** Gives the partition up: another worker, or this one after a failure, reads its unanswered records again. */
    void release() {
        released = true;
    }

    /** Whether the partition was given up, so that its records must not be answered from here. */
    boolean isReleased() {
        return released;
    }
}

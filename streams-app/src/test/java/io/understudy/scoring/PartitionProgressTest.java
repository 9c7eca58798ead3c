package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class PartitionProgressTest {

    private static final long FIRST = 5_000_000_000L;

    private final PartitionProgress progress = PartitionProgress.from(FIRST);

    @Test
    void thePositionIsTheEndOfWhatWasReadOnceAllOfItIsAnswered() {
        read(10);
        LongStream.range(FIRST, FIRST + 10).forEach(progress::answer);
        assertThat(progress.position()).contains(new OffsetAndMetadata(FIRST + 10, Optional.of(7), ""));
    }

    @Test
    void thePositionStaysAtTheFirstUnansweredRecordAndItsMetadataSaysWhatIsAnsweredBehindIt() {
        read(10);
        LongStream.of(0, 1, 3, 5, 9).forEach(record -> progress.answer(FIRST + record));
        OffsetAndMetadata position = progress.position().orElseThrow();
        assertThat(position.offset()).isEqualTo(FIRST + 2);

        PartitionProgress next = PartitionProgress.from(position);
        assertThat(LongStream.range(FIRST + 2, FIRST + 12).filter(next::isAnswered))
                .containsExactly(FIRST + 3, FIRST + 5, FIRST + 9);
    }

    @Test
    void remembersAcrossSeveralReadersUntilEverythingIsAnswered() {
        Random random = new Random(1);
        int records = 3000;
        int[] answers = new int[records];
        OffsetAndMetadata committed = new OffsetAndMetadata(FIRST);
        while (committed.offset() < FIRST + records) {
            PartitionProgress reader = PartitionProgress.from(committed);
            long offset = committed.offset();
            long end = Math.min(FIRST + records, offset + 1 + random.nextInt(400));
            for (; offset < end; offset++) {
                if (!reader.isAnswered(offset)) {
                    reader.read(offset);
                    if (random.nextInt(3) > 0) {
                        reader.answer(offset);
                        answers[(int) (offset - FIRST)]++;
                    }
                }
            }
            reader.readUpTo(new OffsetAndMetadata(end));
            committed = reader.position().orElseThrow();
        }
        assertThat(answers).containsOnly(1);
    }

    @Test
    void cannotBeCommittedWhileTheMetadataWouldBeTooLong() {
        read(40_000);
        assertThat(progress.isWide()).isTrue();
        LongStream.range(FIRST + 1, FIRST + 40_000).forEach(progress::answer);
        assertThat(progress.position()).isEmpty();
        progress.answer(FIRST);
        assertThat(progress.isWide()).isFalse();
        assertThat(progress.position()).map(OffsetAndMetadata::offset).contains(FIRST + 40_000);
    }

    @Test
    void theLongestMetadataThatIsCommittedFitsInABrokersDefaultLimit() {
        for (int records = 1; records < 40_000; records += 97) {
            PartitionProgress other = PartitionProgress.from(FIRST);
            LongStream.range(FIRST, FIRST + records).forEach(other::read);
            LongStream.range(FIRST + 1, FIRST + records).forEach(other::answer);
            other.position()
                    .ifPresent(
                            position -> assertThat(position.metadata().length()).isLessThan(4096));
        }
    }

    @Test
    void aGapOfAnyLengthCostsNothing() {
        read(1);
        progress.answer(FIRST);
        long far = FIRST + 3_000_000_000L;
        assertThat(progress.isAnswered(far)).isFalse();
        progress.read(far);
        progress.answer(far);
        progress.readUpTo(new OffsetAndMetadata(far + 1));
        assertThat(progress.position()).map(OffsetAndMetadata::offset).contains(far + 1);
    }

    @Test
    void doesNotCoverTheRecordsOfATopicThatWasCreatedAnew() {
        assertThat(progress.covers(FIRST)).isTrue();
        assertThat(progress.covers(0)).isFalse();
    }

    @Test
    void ignoresMetadataThatAnotherProgramWrote() {
        for (String metadata : new String[] {"", "from somewhere", "answered:%"}) {
            assertThat(PartitionProgress.from(new OffsetAndMetadata(FIRST, metadata))
                            .isAnswered(FIRST))
                    .isFalse();
        }
    }

    private void read(int records) {
        LongStream.range(FIRST, FIRST + records).forEach(progress::read);
        progress.readUpTo(new OffsetAndMetadata(FIRST + records, Optional.of(7), ""));
    }
}

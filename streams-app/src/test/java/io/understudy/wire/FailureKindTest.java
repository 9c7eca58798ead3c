package io.understudy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class FailureKindTest {

    @Test
    void aBrokerThatIsAwayIsAnOutage() {
        assertThat(Stream.of(
                                new StreamsException("in a task", new TimeoutException("no answer")),
                                new KafkaException("error state", new ProducerFencedException("another one")),
                                new RuntimeException(new NotLeaderOrFollowerException("moved")))
                        .map(FailureKind::of))
                .containsOnly(FailureKind.OUTAGE);
    }

    @Test
    void aRecordMayBeToBlameForWhatCannotBeSentAndForErrors() {
        assertThat(Stream.of(
                                new StreamsException("cannot send", new RecordTooLargeException("2 MB")),
                                new StreamsException("in process", new IllegalStateException("defect")),
                                new OutOfMemoryError("Java heap space"),
                                new StackOverflowError())
                        .map(FailureKind::of))
                .containsOnly(FailureKind.RECORD);
    }

    @Test
    void noRecordIsToBlameForAClassThatCannotBeLoadedOrARefusalOfTheBroker() {
        assertThat(Stream.of(
                                new StreamsException(new ExceptionInInitializerError("unsupported JDK")),
                                new NoClassDefFoundError("io/understudy/Missing"),
                                new StreamsException(new PolicyViolationException("not allowed")),
                                new StreamsException("without a cause"))
                        .map(FailureKind::of))
                .containsOnly(FailureKind.OTHER);
    }
}

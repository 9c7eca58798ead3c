package io.understudy.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.wire.RepeatedFailures;
import io.understudy.wire.UnusableRecordException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.RecordCollector;
import org.junit.jupiter.api.Test;

/** A role with one task. Each call of {@link #restart} is a new thread, which reads from the last commit. */
class PoisonRecordsTest {

    private static final long BAD = 5;

    private static final RecordCollector NOTHING_TO_SEND = (RecordCollector) Proxy.newProxyInstance(
            PoisonRecordsTest.class.getClassLoader(),
            new Class<?>[] {RecordCollector.class},
            (proxy, method, arguments) -> null);

    private final AtomicLong time = new AtomicLong();
    private final PoisonRecords poison = new PoisonRecords(Optional.empty(), time::get);
    private final List<Long> processed = new ArrayList<>();
    private final List<String> setAside = new ArrayList<>();
    private boolean lettersFail;
    private Error fault = new OutOfMemoryError("Java heap space");
    private MockProcessorContext<String, String> context;
    private Processor<String, String, String, String> processor;

    PoisonRecordsTest() {
        restart();
    }

    @Test
    void aRecordAtWhichTwoThreadsFailIsSetAsideWithItsCause() {
        assertThatThrownBy(() -> read(4, 5)).isInstanceOf(OutOfMemoryError.class);
        restart();
        assertThatThrownBy(() -> read(4, 5)).isInstanceOf(OutOfMemoryError.class);
        restart();
        read(4, 7);
        assertThat(processed).containsExactly(4L, 4L, 4L, 6L, 7L);
        assertThat(setAside).singleElement().asString().contains("5: v").contains("Java heap space");
        assertThat(poison.exhausted()).isEmpty();
    }

    @Test
    void aFailureToSendThatSurfacesAtALaterRecordIsBlamedOnTheOneThatFailsAlone() {
        // In the first thread, the failed send of record 5 surfaces at record 6.
        processFailure(6, new StreamsException("cannot send", new RecordTooLargeException("2 MB")));
        restart();
        processFailure(5, new StreamsException("cannot send", new RecordTooLargeException("2 MB")));
        restart();
        fault = null;
        read(5, 6);
        assertThat(setAside).singleElement().asString().startsWith("5: ");
        assertThat(processed).containsExactly(6L);
    }

    @Test
    void aRecordWhoseDeadLetterFailsTooIsSetAsideWithoutItsBodyAndAtLastDropped() {
        lettersFail = true;
        for (int i = 0; i < 6; i++) {
            assertThatThrownBy(() -> read(5, 5)).isInstanceOf(OutOfMemoryError.class);
            restart();
        }
        read(5, 6);
        assertThat(setAside).hasSize(4).first().asString().startsWith("5: v");
        assertThat(setAside).last().asString().startsWith("5: null");
        assertThat(processed).containsExactly(6L);
    }

    @Test
    void anOutageIsNobodysFaultHoweverOften() {
        for (int i = 0; i < 3 * RepeatedFailures.LIMIT; i++) {
            processFailure(BAD, new StreamsException("no broker", new TimeoutException("waited")));
            restart();
        }
        assertThat(poison.exhausted()).isEmpty();
        assertThat(poison.areThreadsFailing()).isFalse();
        fault = null;
        read(4, 6);
        assertThat(processed).containsExactly(4L, 5L, 6L);
    }

    @Test
    void aClassThatCannotBeLoadedBlamesNoRecordAndEndsTheRole() {
        fault = new NoClassDefFoundError("Missing");
        for (int i = 0; i < RepeatedFailures.LIMIT; i++) {
            assertThatThrownBy(() -> read(5, 5)).isInstanceOf(NoClassDefFoundError.class);
            restart();
        }
        assertThat(setAside).isEmpty();
        assertThat(poison.exhausted()).hasValueSatisfying(why -> assertThat(why).contains("Missing"));
    }

    @Test
    void whereEveryRecordFailsTheRoleEndsInsteadOfSettingAllAside() {
        for (long offset = BAD; poison.exhausted().isEmpty(); offset++) {
            long bad = offset;
            for (int i = 0; i < 2; i++) {
                processFailure(bad, new StackOverflowError());
                restart();
            }
            read(bad, bad);
        }
        assertThat(setAside).hasSizeBetween(50, 50 + RepeatedFailures.LIMIT / 2);
    }

    private void restart() {
        Properties properties = new Properties();
        properties.put(PoisonRecords.CONFIG, poison);
        context = new MockProcessorContext<>(properties) {
            @Override
            public RecordCollector recordCollector() {
                return NOTHING_TO_SEND;
            }
        };
        processor = TaskProcessor.<String, String, String, String>supplier(unused -> new Work())
                .get();
        processor.init(context);
    }

    /** Reads records; a failure ends the thread. */
    private void read(long from, long to) {
        for (long offset = from; offset <= to; offset++) {
            context.setRecordMetadata("topic", 0, offset);
            try {
                processor.process(new Record<>("k", "v", 0));
            } catch (Throwable e) {
                poison.threadFailed(e);
                throw e;
            }
        }
    }

    private void processFailure(long offset, Throwable failure) {
        context.setRecordMetadata("topic", 0, offset);
        Processor<String, String, String, String> failing = TaskProcessor.<String, String, String, String>supplier(
                        unused -> new Work() {
                            @Override
                            public void process(Record<String, String> record) {
                                throwUnchecked(failure);
                            }
                        })
                .get();
        failing.init(context);
        assertThatThrownBy(() -> failing.process(new Record<>("k", "v", 0))).isSameAs(failure);
        poison.threadFailed(failure);
    }

    private static void throwUnchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    private class Work implements TaskProcessor.Work<String, String, String, String> {

        @Override
        public void process(Record<String, String> record) {
            long offset = context.recordMetadata().orElseThrow().offset();
            if (offset == BAD && fault != null) {
                throw fault;
            }
            processed.add(offset);
        }

        @Override
        public void setAside(Record<String, String> record, UnusableRecordException why) {
            setAside.add(
                    context.recordMetadata().orElseThrow().offset() + ": " + record.value() + " " + why.getMessage());
            if (lettersFail) {
                throw fault;
            }
        }
    }
}

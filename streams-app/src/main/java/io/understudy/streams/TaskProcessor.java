package io.understudy.streams;

import io.understudy.streams.PoisonRecords.Position;
import io.understudy.streams.PoisonRecords.Treatment;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.UnusableRecordException;
import java.util.function.Function;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.RecordCollector;
import org.jspecify.annotations.Nullable;

/**
 * Creates the actual processor when its task is initialised. That processor gets the context in its constructor, so all
 * its fields can be final. A task that is revived after an error gets a new processor, without the changes that were
 * never committed.
 *
 * <p>Sets the records aside at which threads failed again and again, as {@link PoisonRecords} finds them.
 */
@SuppressWarnings("TypeParameterNaming") // Named as in Processor.
public final class TaskProcessor<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {

    private final Function<ProcessorContext<KOut, VOut>, Work<KIn, VIn, KOut, VOut>> factory;
    private @Nullable Task<KIn, VIn, KOut, VOut> task;

    /** The actual processor. */
    public interface Work<KIn, VIn, KOut, VOut> extends Processor<KIn, VIn, KOut, VOut> {

        /**
         * Writes a dead letter for a record that is not to be processed. Its key and value are null if they cannot be
         * written.
         */
        void setAside(Record<KIn, VIn> record, UnusableRecordException why);

        /** Passes over a record of which not even a dead letter can be written. */
        default void drop() {}

        /** Writes everything that is otherwise written before a commit. */
        default void save() {}
    }

    private record Task<KIn, VIn, KOut, VOut>(
            ProcessorContext<KOut, VOut> context, Work<KIn, VIn, KOut, VOut> work, PoisonRecords poison) {

        void process(Record<KIn, VIn> record) {
            if (poison.isAlert()) {
                processOnAlert(record);
                return;
            }
            try {
                work.process(record);
            } catch (Throwable e) {
                poison.failed(position(), id(), false, e);
                throw e;
            }
        }

        private void processOnAlert(Record<KIn, VIn> record) {
            Position position = position();
            Treatment treatment = poison.treatment(position);
            boolean careful = poison.isCareful() || treatment != Treatment.PROCESS;
            if (careful) {
                // What the records before have sent, or a punctuation, is not this record's failure.
                flush();
            }
            try {
                treat(record, position, treatment);
                if (careful) {
                    work.save();
                    flush();
                }
            } catch (Throwable e) {
                poison.failed(position, id(), careful, e);
                throw e;
            }
            if (treatment != Treatment.PROCESS) {
                poison.setAside(position, id(), treatment);
            }
        }

        private void treat(Record<KIn, VIn> record, Position position, Treatment treatment) {
            switch (treatment) {
                case PROCESS -> work.process(record);
                case SET_ASIDE -> work.setAside(record, why(position));
                case SET_ASIDE_WITHOUT_BODY ->
                    work.setAside(new Record<>(null, null, record.timestamp(), new RecordHeaders()), why(position));
                case DROP -> work.drop(); // PoisonRecords logs and counts it.
            }
        }

        private UnusableRecordException why(Position position) {
            return new UnusableRecordException(DeadLetterReason.REPEATED_FAILURE, poison.reason(position));
        }

        private Position position() {
            return Position.of(context.recordMetadata().orElseThrow());
        }

        private String id() {
            return context.taskId().toString();
        }

        /**
         * Waits until everything is sent. Kafka Streams has no public way to do this besides a commit, which happens
         * later, for several records of several tasks.
         */
        private void flush() {
            if (context instanceof RecordCollector.Supplier supplier) {
                supplier.recordCollector().flush();
            }
        }
    }

    private TaskProcessor(Function<ProcessorContext<KOut, VOut>, Work<KIn, VIn, KOut, VOut>> factory) {
        this.factory = factory;
    }

    /** Returns a supplier for a topology. It calls {@code factory} once per initialised task. */
    public static <KIn, VIn, KOut, VOut> ProcessorSupplier<KIn, VIn, KOut, VOut> supplier(
            Function<ProcessorContext<KOut, VOut>, Work<KIn, VIn, KOut, VOut>> factory) {
        return () -> new TaskProcessor<>(factory);
    }

    @Override
    public void init(ProcessorContext<KOut, VOut> context) {
        task = new Task<>(context, factory.apply(context), PoisonRecords.of(context));
    }

    @Override
    public void process(Record<KIn, VIn> record) {
        if (task == null) {
            throw new IllegalStateException("the processor received a record before it was initialised");
        }
        task.process(record);
    }

    @Override
    public void close() {
        if (task != null) {
            task.work().close();
            task = null;
        }
    }
}

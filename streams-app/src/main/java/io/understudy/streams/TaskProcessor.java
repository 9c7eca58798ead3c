package io.understudy.streams;

import java.util.function.Function;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Creates the actual processor when its task is initialised. That processor gets the context in its constructor, so all
 * its fields can be final. A task that is revived after an error gets a new processor, without the changes that were
 * never committed.
 */
@SuppressWarnings("TypeParameterNaming") // Named as in Processor.
public final class TaskProcessor<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {

    private final Function<ProcessorContext<KOut, VOut>, Processor<KIn, VIn, KOut, VOut>> factory;
    private @Nullable Processor<KIn, VIn, KOut, VOut> processor;

    private TaskProcessor(Function<ProcessorContext<KOut, VOut>, Processor<KIn, VIn, KOut, VOut>> factory) {
        this.factory = factory;
    }

    /** Returns a supplier for a topology. It calls {@code factory} once per initialised task. */
    public static <KIn, VIn, KOut, VOut> ProcessorSupplier<KIn, VIn, KOut, VOut> supplier(
            Function<ProcessorContext<KOut, VOut>, Processor<KIn, VIn, KOut, VOut>> factory) {
        return () -> new TaskProcessor<>(factory);
    }

    @Override
    public void init(ProcessorContext<KOut, VOut> context) {
        processor = factory.apply(context);
    }

    @Override
    public void process(Record<KIn, VIn> record) {
        if (processor == null) {
            throw new IllegalStateException("the processor received a record before it was initialised");
        }
        processor.process(record);
    }

    @Override
    public void close() {
        if (processor != null) {
            processor.close();
            processor = null;
        }
    }
}

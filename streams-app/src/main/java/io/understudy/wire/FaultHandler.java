package io.understudy.wire;

import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what a failure means, in the same way for every role. An unusable record becomes a dead letter. A failure of
 * the broker or the registry stops the thread, which starts again from its last transaction. A defect in this program
 * makes the record a dead letter as well, so that one record cannot stop a partition.
 */
public final class FaultHandler {

    private static final Logger LOG = LoggerFactory.getLogger(FaultHandler.class);

    private FaultHandler() {}

    /**
     * Processes one record.
     *
     * @param <E> other checked exception that the processing may throw
     */
    @FunctionalInterface
    public interface Processing<E extends Exception> {
        void run() throws UnusableRecordException, E;
    }

    /**
     * Runs {@code processing} and sorts its failures.
     *
     * @return why the record must become a dead letter; empty if it was processed
     */
    public static <E extends Exception> Optional<UnusableRecordException> process(Processing<E> processing) throws E {
        try {
            processing.run();
            return Optional.empty();
        } catch (UnusableRecordException e) {
            return Optional.of(e);
        } catch (UndecodableException e) {
            return Optional.of(new UnusableRecordException(reason(e.problem()), e.getMessage()));
        } catch (RegistryUnavailableException | KafkaException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("Cannot process a record, writing it to the dead letters", e);
            return Optional.of(new UnusableRecordException(DeadLetterReason.INTERNAL_ERROR, e.toString()));
        }
    }

    private static DeadLetterReason reason(UndecodableException.Problem problem) {
        return switch (problem) {
            case NULL_VALUE -> DeadLetterReason.NULL_VALUE;
            case NOT_AVRO -> DeadLetterReason.NOT_AVRO;
            case UNKNOWN_SCHEMA -> DeadLetterReason.UNKNOWN_SCHEMA;
            case WRONG_SCHEMA -> DeadLetterReason.WRONG_SCHEMA;
            case MALFORMED -> DeadLetterReason.MALFORMED;
        };
    }
}

package io.understudy.wire;

import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what a failure means, for every role alike. What is the record's fault puts the record aside; what is the fault of the broker
 * or the registry stops the thread, which starts over from its last transaction; a defect of ours puts the record aside as well, so
 * that one record cannot stop a partition.
 */
public final class FaultHandler {

    private static final Logger LOG = LoggerFactory.getLogger(FaultHandler.class);

    private FaultHandler() {}

    /**
     * What is done with one record.
     *
     * @param <E> what else it may throw
     */
    @FunctionalInterface
    public interface Processing<E extends Exception> {
        void run() throws UnusableRecordException, E;
    }

    /**
     * Processes a record.
     *
     * @param value the record's value, or null
     * @return why the record must be put aside; empty when it was processed
     */
    public static <E extends Exception> Optional<UnusableRecordException> faultIn(
            byte[] value, Processing<E> processing) throws E {
        try {
            processing.run();
            return Optional.empty();
        } catch (UnusableRecordException e) {
            return Optional.of(e);
        } catch (UndecodableException e) {
            return Optional.of(new UnusableRecordException(
                    value == null ? DeadLetterReason.NULL_VALUE : DeadLetterReason.NOT_AVRO, e.getMessage()));
        } catch (RegistryUnavailableException | KafkaException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("A record cannot be processed and is put aside", e);
            return Optional.of(new UnusableRecordException(DeadLetterReason.INTERNAL_ERROR, e.toString()));
        }
    }
}

package io.understudy.wire;

import io.understudy.registry.RegistryUnavailableException;
import java.util.Locale;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TransactionCoordinatorFencedException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.streams.errors.ProcessorStateException;

/** What a failure of a thread says about the record that was in process. */
public enum FailureKind {
    /** The broker or the registry is away, or another member took over. It passes, and no record is to blame. */
    OUTAGE,
    /** A record may be to blame: it cannot be sent, or it brought a defect of this program to light. */
    RECORD,
    /** Neither: a class that cannot be loaded, a missing topic, a full disk. Every record would fail in the same way. */
    OTHER;

    /** The name of the kind in meters. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Sorts a failure by its chain of causes. */
    public static FailureKind of(Throwable failure) {
        FailureKind kind = OTHER;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (isOutage(cause)) {
                return OUTAGE;
            }
            if (cause instanceof LinkageError || cause instanceof ProcessorStateException) {
                return OTHER;
            }
            if (isRecords(cause)) {
                kind = RECORD;
            } else if (cause instanceof ApiException) {
                return OTHER;
            }
        }
        return kind;
    }

    private static boolean isOutage(Throwable cause) {
        return cause instanceof RegistryUnavailableException
                || cause instanceof RetriableException
                || cause instanceof InterruptException
                || cause instanceof WakeupException
                || cause instanceof RebalanceInProgressException
                || cause instanceof CommitFailedException
                || cause instanceof UnknownMemberIdException
                || cause instanceof IllegalGenerationException
                || cause instanceof FencedInstanceIdException
                || cause instanceof ProducerFencedException
                || cause instanceof InvalidProducerEpochException
                || cause instanceof InvalidPidMappingException
                || cause instanceof UnknownProducerIdException
                || cause instanceof OutOfOrderSequenceException
                || cause instanceof InvalidTxnStateException
                || cause instanceof TransactionCoordinatorFencedException;
    }

    private static boolean isRecords(Throwable cause) {
        return cause instanceof RecordTooLargeException
                || cause instanceof RecordBatchTooLargeException
                || cause instanceof InvalidTimestampException
                || cause instanceof SerializationException
                || cause instanceof InvalidRecordException
                || !(cause instanceof KafkaException);
    }
}

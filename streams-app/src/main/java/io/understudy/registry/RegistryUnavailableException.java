package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;

/** The registry did not answer, or answered that it is temporarily unavailable. The same call may succeed later. */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int FIRST_SERVER_ERROR = 500;

    RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether a failure means that the registry is temporarily unavailable, not that the request was wrong. */
    static boolean isOutage(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RestClientException rest) {
                return rest.getStatus() >= FIRST_SERVER_ERROR || rest.getStatus() == TOO_MANY_REQUESTS;
            }
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }
}

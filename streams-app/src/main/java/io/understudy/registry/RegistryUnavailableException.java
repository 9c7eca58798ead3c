package io.understudy.registry;

/** The registry did not answer, or answered that it is temporarily unavailable. The same call may succeed later. */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.understudy.cli;

/** The broker or the registry is away, or refuses. The message says which and why. */
final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.understudy.http;

/** A server cannot listen on its port. The message names the setting. */
public final class PortInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PortInUseException(String message) {
        super(message);
    }
}

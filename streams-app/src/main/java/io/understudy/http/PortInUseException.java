package io.understudy.http;

/** A port that cannot be listened on; names the setting. */
public final class PortInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PortInUseException(String message) {
        super(message);
    }
}

package io.understudy.runtime;

/** Settings that cannot be used; names the setting, what it is and what is allowed. */
public final class InvalidSettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidSettingsException(String message) {
        super(message);
    }
}

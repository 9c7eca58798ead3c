package io.understudy.runtime;

import org.jspecify.annotations.Nullable;

/** Thrown for an invalid setting. The message has the name of the setting, its value and the allowed values. */
public final class InvalidSettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidSettingsException(@Nullable String message) {
        super(message);
    }
}

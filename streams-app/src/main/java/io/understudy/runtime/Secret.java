package io.understudy.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text that must not appear in a log: it prints as stars. */
public record Secret(String value) {

    /** Short enough to be guessed is too short. */
    static final int SHORTEST = 16;

    /** A secret whose setting is {@code name}. */
    static Secret of(String name, String value) {
        if (value.length() < SHORTEST || !value.chars().allMatch(letter -> letter > ' ' && letter < 0x7f)) {
            throw new InvalidSettingsException(name + " has " + value.length() + " characters; it must be at least "
                    + SHORTEST + " printable ASCII characters without a space");
        }
        return new Secret(value);
    }

    /** The secret in a file, without the white space around it. */
    static Secret in(String name, Path file) {
        try {
            return of(name, Files.readString(file).strip());
        } catch (IOException e) {
            throw new InvalidSettingsException(name + " is '" + file + "', which cannot be read: " + e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}

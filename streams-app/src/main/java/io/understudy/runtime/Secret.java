package io.understudy.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text that must not appear in logs. Its string representation is always {@code ***}. */
public record Secret(String value) {

    /** The minimum length of a secret, so that it cannot be guessed. */
    static final int MIN_LENGTH = 16;

    /** Creates the secret of the setting {@code name}. */
    static Secret of(String name, String value) {
        if (value.length() < MIN_LENGTH || !value.chars().allMatch(letter -> letter > ' ' && letter < 0x7f)) {
            throw new InvalidSettingsException(name + " has " + value.length() + " characters; it must be at least "
                    + MIN_LENGTH + " printable ASCII characters without a space");
        }
        return new Secret(value);
    }

    /** Reads the secret of the setting {@code name} from a file, without leading and trailing white space. */
    static Secret fromFile(String name, Path file) {
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

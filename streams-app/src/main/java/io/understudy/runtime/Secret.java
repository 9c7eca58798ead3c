package io.understudy.runtime;

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

    @Override
    public String toString() {
        return "***";
    }
}

package io.understudy.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.regex.Pattern;

/** Which settings are secrets. A secret comes from a file or the environment, and never from the command line. */
public final class SecretNames {

    /** The end of the name of a setting that names the file with the value of another setting. */
    static final String FILE = "-file";

    private static final Pattern SECRET =
            Pattern.compile("console\\.token|notifier\\.(secret|slack-urls|cloudevents-urls)"
                    + "|(kafka|registry)\\..*(password|secret|jaas\\.config|user\\.info|auth\\.token|keystore\\.key)");

    private SecretNames() {}

    static boolean isSecret(String setting) {
        return SECRET.matcher(setting).matches();
    }

    /**
     * Refuses secrets on a command line, which everyone on the machine can read in the list of processes.
     *
     * @param settings names of the settings on the command line
     * @throws InvalidSettingsException if one of them is a secret
     */
    public static void refuseOnCommandLine(Collection<String> settings) {
        settings.stream().filter(SecretNames::isSecret).findFirst().ifPresent(name -> {
            throw new InvalidSettingsException(name
                    + " is a secret, and the list of processes shows the command line to everyone on this machine; use"
                    + " --set-file " + name + "=FILE, or " + Environment.variable(name));
        });
    }

    /**
     * Reads the value of a setting from a file, without leading and trailing white space.
     *
     * @throws InvalidSettingsException if the file cannot be read
     */
    public static String fromFile(String setting, Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new InvalidSettingsException(setting + " is '" + file + "', which cannot be read: " + e.getMessage());
        }
    }
}

package io.understudy.runtime;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads settings from environment variables. The name of a variable is {@code UNDERSTUDY_} followed by the name of the
 * setting in upper case, with {@code _} instead of {@code .} and {@code -}. For example,
 * {@code UNDERSTUDY_SCORER_MAX_BATCH} is {@code scorer.max-batch}, and {@code UNDERSTUDY_KAFKA_SECURITY_PROTOCOL} is
 * {@code kafka.security.protocol}. {@code UNDERSTUDY_KAFKA_SASL_JAAS_CONFIG_FILE} names the file with
 * {@code kafka.sasl.jaas.config}.
 */
public final class Environment {

    static final String PREFIX = "UNDERSTUDY_";

    /** The variables that the launcher and the log configuration read. */
    private static final Set<String> NOT_SETTINGS = Set.of(
            PREFIX + "JAVA_OPTIONS",
            PREFIX + "LOG_LEVEL",
            PREFIX + "LIBRARY_LOG_LEVEL",
            PREFIX + "HOME",
            PREFIX + "CONFIG");

    /** The prefixes of settings that are passed on to clients. */
    private static final List<String> CLIENT_PREFIXES = List.of("kafka.", "registry.");

    private Environment() {}

    /**
     * Returns the settings in {@code variables}, by the names of the settings.
     *
     * @throws InvalidSettingsException if a variable does not belong to a setting
     */
    public static Map<String, String> settings(Map<String, String> variables) {
        Map<String, String> settings = new TreeMap<>();
        variables.forEach((variable, value) -> {
            if (variable.startsWith(PREFIX) && !NOT_SETTINGS.contains(variable)) {
                settings.put(setting(variable), value);
            }
        });
        return settings;
    }

    private static String setting(String variable) {
        Optional<String> known = SettingsTable.reference().stream()
                .map(Setting::name)
                .filter(name -> variable(name).equals(variable))
                .findFirst();
        if (known.isPresent()) {
            return known.get();
        }
        String dotted =
                variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
        if (CLIENT_PREFIXES.stream().noneMatch(dotted::startsWith)) {
            throw new InvalidSettingsException("the environment variable " + variable + " is not a setting; it must be "
                    + PREFIX + " followed by the name of a setting, for example " + variable("scorer.max-batch"));
        }
        String file = SecretNames.FILE.replace('-', '.');
        String secret = dotted.endsWith(file) ? dotted.substring(0, dotted.length() - file.length()) : "";
        return SecretNames.isSecret(secret) ? secret + SecretNames.FILE : dotted;
    }

    /** The name of the variable for a setting. */
    public static String variable(String setting) {
        return PREFIX + setting.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}

package io.understudy.runtime;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings in the environment: {@code UNDERSTUDY_} and the setting's name in capitals, with {@code _} for {@code .} and
 * {@code -}: {@code UNDERSTUDY_SCORER_MAX_BATCH} is {@code scorer.max-batch}, {@code
 * UNDERSTUDY_KAFKA_SECURITY_PROTOCOL} is {@code kafka.security.protocol}.
 */
public final class Environment {

    static final String PREFIX = "UNDERSTUDY_";

    /** What the launcher and the log's configuration read. */
    private static final Set<String> NOT_SETTINGS = Set.of(
            PREFIX + "JAVA_OPTIONS",
            PREFIX + "LOG_LEVEL",
            PREFIX + "LIBRARY_LOG_LEVEL",
            PREFIX + "HOME",
            PREFIX + "CONFIG");

    private static final List<String> PASSED_ON = List.of("kafka.", "registry.");

    private Environment() {}

    /**
     * The settings that {@code variables} have, by the settings' names.
     *
     * @throws InvalidSettingsException when a variable names no setting
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
        if (PASSED_ON.stream().noneMatch(dotted::startsWith)) {
            throw new InvalidSettingsException("the environment's " + variable + " is not a setting; it must be "
                    + PREFIX + " and a setting's name, e.g. " + variable("scorer.max-batch"));
        }
        return dotted;
    }

    /** The variable of a setting. */
    public static String variable(String setting) {
        return PREFIX + setting.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}

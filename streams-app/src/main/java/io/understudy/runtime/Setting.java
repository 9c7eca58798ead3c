package io.understudy.runtime;

/**
 * A setting, as it is listed in the reference.
 *
 * @param name name in a properties file
 * @param defaultValue value if the setting is not set; empty if there is no default
 * @param meaning what the setting does
 */
public record Setting(String name, String defaultValue, String meaning) {}

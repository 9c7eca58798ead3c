package io.understudy.runtime;

/**
 * One setting, for the reference.
 *
 * @param name as it stands in a properties file
 * @param otherwise what holds when it is not set; empty: it must be set, or is empty
 * @param meaning what it does
 */
public record Setting(String name, String otherwise, String meaning) {}

package io.understudy.http;

/**
 * The result of one health check: of a role of the process, or of a dependency.
 *
 * @param name what was checked
 * @param passes whether the check passed
 * @param detail the state that the check found, as text
 */
public record Check(String name, boolean passes, String detail) {}

package io.understudy.http;

/**
 * Whether something a process needs, or does, is well.
 *
 * @param name what is looked at
 * @param passes whether it is well
 * @param detail how it is, in words
 */
public record Check(String name, boolean passes, String detail) {}

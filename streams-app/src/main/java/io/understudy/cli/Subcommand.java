package io.understudy.cli;

/**
 * A command that another module adds to the command line; found by {@link java.util.ServiceLoader}. The implementation is
 * annotated as a picocli command and is a {@code Callable<Integer>}.
 */
public interface Subcommand {}

package io.understudy.cli;

/**
 * A command that another module adds to the command line. {@link java.util.ServiceLoader} finds the implementations. An
 * implementation is annotated as a picocli command and is a {@code Callable<Integer>}.
 */
public interface Subcommand {}

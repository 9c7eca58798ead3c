package io.understudy.embedded;

import java.util.Arrays;

/** The main class of the registry's process. It runs the registry and exits when the parent process has exited. */
final class RegistryChild {

    private RegistryChild() {}

    /** Runs the main class {@code arguments[0]} with the other arguments. */
    public static void main(String[] arguments) throws Exception {
        ParentWatch.start();
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(arguments, 1, arguments.length));
    }
}

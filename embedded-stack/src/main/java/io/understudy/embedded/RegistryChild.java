package io.understudy.embedded;

import java.io.IOException;
import java.util.Arrays;

/**
 * The main class of the registry's process. It runs the registry and exits at the end of its standard input. That end
 * comes when the parent process has exited, for whatever reason. Uses only the JDK.
 */
final class RegistryChild {

    private static final int KILLED_EXIT_CODE = 137;
    private static final long GRACE_MILLIS = 5000;

    private RegistryChild() {}

    /** Runs the main class {@code arguments[0]} with the other arguments. */
    public static void main(String[] arguments) throws Exception {
        Thread parentWatch = new Thread(RegistryChild::exitWithParent, "parent-watch");
        parentWatch.setDaemon(true);
        parentWatch.start();
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    private static void exitWithParent() {
        try {
            while (System.in.read() >= 0) {
                // the parent sends nothing
            }
        } catch (IOException e) {
            // same as the end of the input
        }
        Thread halt = new Thread(RegistryChild::haltAfterGrace, "halt");
        halt.setDaemon(true);
        halt.start();
        Runtime.getRuntime().exit(0);
    }

    private static void haltAfterGrace() {
        try {
            synchronized (RegistryChild.class) {
                RegistryChild.class.wait(GRACE_MILLIS);
            }
        } catch (InterruptedException e) {
            // halt immediately
        }
        Runtime.getRuntime().halt(KILLED_EXIT_CODE);
    }
}

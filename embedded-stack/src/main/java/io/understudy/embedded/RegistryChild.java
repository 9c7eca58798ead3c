package io.understudy.embedded;

import java.io.IOException;
import java.util.Arrays;

/**
 * The main class of the registry's process: runs the registry, and ends when its standard input does, which is when the process
 * that started it is gone, however it went. Uses nothing but the JDK.
 */
final class RegistryChild {

    private static final int EXIT_CODE_OF_A_KILLED_PROCESS = 137;
    private static final long GRACE_MILLIS = 5000;

    private RegistryChild() {}

    /** Runs the main class {@code arguments[0]} with the other arguments. */
    public static void main(String[] arguments) throws Exception {
        Thread watch = new Thread(RegistryChild::endWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent
            }
        } catch (IOException e) {
            // as good as its end
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
            // halt at once
        }
        Runtime.getRuntime().halt(EXIT_CODE_OF_A_KILLED_PROCESS);
    }
}

package io.understudy.embedded;

import java.io.IOException;

/**
 * Ends a child process when its parent ends. The child's standard input ends when the parent has exited, for whatever
 * reason. Uses only the JDK.
 */
final class ParentWatch {

    private static final int KILLED_EXIT_CODE = 137;
    private static final long GRACE_MILLIS = 5000;

    private ParentWatch() {}

    /** Exits at the end of the standard input. */
    static void start() {
        Thread watch = new Thread(ParentWatch::exitWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private static void exitWithParent() {
        try {
            while (System.in.read() >= 0) {
                // the parent sends nothing
            }
        } catch (IOException e) {
            // same as the end of the input
        }
        Thread halt = new Thread(ParentWatch::haltAfterGrace, "halt");
        halt.setDaemon(true);
        halt.start();
        Runtime.getRuntime().exit(0);
    }

    private static void haltAfterGrace() {
        try {
            synchronized (ParentWatch.class) {
                ParentWatch.class.wait(GRACE_MILLIS);
            }
        } catch (InterruptedException e) {
            // halt immediately
        }
        Runtime.getRuntime().halt(KILLED_EXIT_CODE);
    }
}

package io.understudy.testing;

import io.understudy.embedded.EmbeddedStack;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** One broker and registry for all tests of a run. Each test uses its own prefix. */
public final class SharedStack {

    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static EmbeddedStack stack;

    private SharedStack() {}

    /** Returns the stack. The first call starts it. */
    public static synchronized EmbeddedStack get() {
        if (stack == null) {
            try {
                stack = EmbeddedStack.temporary();
            } catch (Exception e) {
                throw new IllegalStateException("the embedded stack did not start", e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(SharedStack::close));
        }
        return stack;
    }

    private static void close() {
        try {
            stack.close();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a prefix that no other test uses. */
    public static String prefix() {
        return "test" + PREFIXES.incrementAndGet() + ".";
    }
}

package io.understudy.runtime;

import io.understudy.http.Check;

/** One of a process's duties. */
interface Role extends AutoCloseable {

    /** Begins to work; returns when the role is on its way. */
    void start();

    /** Why the role stopped by itself, in words; null while it works. */
    String failure();

    /** Whether it is at work just now, in words; what it waits for mends itself. */
    Check readiness();

    /** Stops after what is under way. */
    @Override
    void close();
}

package io.understudy.runtime;

/** One of a process's duties. */
interface Role extends AutoCloseable {

    /** Begins to work; returns when the role is on its way. */
    void start();

    /** Why the role stopped by itself, in words; null while it works. */
    String failure();

    /** Stops after what is under way. */
    @Override
    void close();
}

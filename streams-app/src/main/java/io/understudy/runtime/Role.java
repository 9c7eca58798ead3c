package io.understudy.runtime;

import io.understudy.http.Check;
import java.util.Optional;

/** One role of a process. */
interface Role extends AutoCloseable {

    /** Starts the role. Returns before it is ready. */
    void start();

    /** Why the role stopped because of an error; empty while it runs. */
    Optional<String> failure();

    /** Whether the role is ready. A role that is not ready recovers without a restart. */
    Check readiness();

    /** Stops the role after its current work. */
    @Override
    void close();
}

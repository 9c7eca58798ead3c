package io.understudy.http;

import java.util.List;

/** A process that reports its health. The methods do not block. */
public interface Monitored {

    /** Liveness of the roles. When a check fails, restart the process. */
    List<Check> health();

    /** Readiness of the roles. A role that is not ready recovers without a restart. */
    List<Check> roles();

    /** Whether the process can reach its dependencies. */
    List<Check> dependencies();

    /** The meters of the process in the Prometheus text format. */
    String metrics();
}

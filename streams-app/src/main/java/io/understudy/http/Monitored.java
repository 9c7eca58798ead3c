package io.understudy.http;

import java.util.List;

/** A process that tells how it is. Each method answers at once. */
public interface Monitored {

    /** Whether its roles work; when one does not, the process should be started anew. */
    List<Check> health();

    /** Whether its roles are at work now; what they wait for mends itself. */
    List<Check> roles();

    /** Whether what it depends on can be reached. */
    List<Check> dependencies();

    /** Its meters in Prometheus' text format. */
    String metrics();
}

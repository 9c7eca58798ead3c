package io.understudy.runtime;

import io.understudy.access.Party;
import java.util.Locale;

/** The roles that a process can have. One process may have all of them. Each role can also scale separately. */
public enum RoleName {
    /** Forwards requests to lanes. */
    ROUTER,
    /** Scores the requests on lanes. */
    SCORER,
    /** Turns commands and evaluations into states and events. */
    CONTROLLER,
    /** Turns answers and outcomes into evaluations. */
    EVALUATOR,
    /** Serves a page and an API for people and programs that watch and control rollouts. */
    CONSOLE,
    /** Sends events to webhooks. */
    NOTIFIER;

    /** The name of the role in settings. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role as one of those who need permissions. */
    Party party() {
        return Party.valueOf(name());
    }
}

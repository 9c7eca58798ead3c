package io.understudy.runtime;

import java.util.Locale;

/** What a process can do. One process may hold every role; each also scales on its own. */
public enum RoleName {
    /** Requests to lanes. */
    ROUTER,
    /** Lanes to predictions. */
    SCORER,
    /** Commands to states and events. */
    CONTROLLER,
    /** Answers and outcomes to evaluations. */
    EVALUATOR,
    /** A page and an API for people and programs that watch and steer rollouts. */
    CONSOLE,
    /** Events to webhooks. */
    NOTIFIER;

    /** The name in settings. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}

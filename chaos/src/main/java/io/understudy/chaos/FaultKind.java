package io.understudy.chaos;

/** What can go wrong. */
enum FaultKind {
    KILL("a process is killed"),
    FREEZE("a process is frozen for 10 s"),
    STOP("a process is stopped"),
    TWO_AT_ONCE("two processes are killed at once"),
    WIPE("a process loses its state directory"),
    SAME_NAME("a second process has the same instance name"),
    CLOCK_OFF("the sender's clock is an hour off"),
    BROKER_KILL("a broker is killed"),
    BROKER_FREEZE("a broker is frozen for 6 s"),
    REGISTRY_AWAY("the registry is away for 6 s"),
    NETWORK_CUT("half of the processes do not reach the brokers for 10 s"),
    SLOW_SERVER("the inference server of a candidate takes 5 s a call"),
    DISK_FULL("the disk of an evaluator's state is full for 6 s");

    private final String text;

    FaultKind(String text) {
        this.text = text;
    }

    /** What happens, for people. */
    String text() {
        return text;
    }
}

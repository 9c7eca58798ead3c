package io.understudy.topics;

/**
 * A setting that a topic is created with, and what it may be on a topic that exists.
 *
 * @param name Kafka's name of the setting
 * @param value the value that a new topic gets
 * @param allowed which other values are right too
 * @param required whether a role refuses to start while the setting is wrong; otherwise it is only reported
 */
record ConfigRule(String name, String value, Allowed allowed, boolean required) {

    /** The values of an existing topic that are right. */
    enum Allowed {
        /** Only the value itself. */
        EXACTLY("must be "),
        /** The value and every larger number. */
        AT_LEAST("must be at least "),
        /** The value and every smaller number. */
        AT_MOST("should be at most "),
        /** Every number that limits the growth of the topic: -1 does not. */
        LIMITED("should be limited, for example to ");

        private final String text;

        Allowed(String text) {
            this.text = text;
        }
    }

    static ConfigRule exactly(String name, String value) {
        return new ConfigRule(name, value, Allowed.EXACTLY, true);
    }

    static ConfigRule atLeast(String name, long value) {
        return new ConfigRule(name, Long.toString(value), Allowed.AT_LEAST, true);
    }

    static ConfigRule atMost(String name, String value) {
        return new ConfigRule(name, value, Allowed.AT_MOST, false);
    }

    static ConfigRule limited(String name, long value) {
        return new ConfigRule(name, Long.toString(value), Allowed.LIMITED, false);
    }

    /** A rule that is reported but stops no role. */
    ConfigRule advised() {
        return new ConfigRule(name, value, allowed, false);
    }

    boolean permits(String actual) {
        return switch (allowed) {
            case EXACTLY -> actual.equals(value);
            case AT_LEAST -> Double.parseDouble(actual) >= Double.parseDouble(value);
            case AT_MOST -> Double.parseDouble(actual) <= Double.parseDouble(value);
            case LIMITED -> Double.parseDouble(actual) >= 0;
        };
    }

    String expectation() {
        return allowed.text + value;
    }
}

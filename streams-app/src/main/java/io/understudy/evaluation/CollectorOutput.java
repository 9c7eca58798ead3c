package io.understudy.evaluation;

/** A record that the collector of a partition forwards. */
sealed interface CollectorOutput {

    /** The bytes of the record's value. */
    byte[] bytes();

    /** The part of the evidence that one partition has collected. */
    record Partial(byte[] bytes) implements CollectorOutput {}

    /** A record that could not be used. Its headers say why. */
    record Unusable(byte[] bytes) implements CollectorOutput {}
}

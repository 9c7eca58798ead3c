package io.understudy.evaluation;

/** What a partition's collector sends on. */
sealed interface CollectorOutput {

    /** Its bytes. */
    byte[] bytes();

    /** A partition's part of the evidence. */
    record Partial(byte[] bytes) implements CollectorOutput {}

    /** A record that could not be used; the reason is in its headers. */
    record Unusable(byte[] bytes) implements CollectorOutput {}
}

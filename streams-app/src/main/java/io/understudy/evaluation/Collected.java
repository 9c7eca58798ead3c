package io.understudy.evaluation;

/** What a partition's collector sends on. */
sealed interface Collected {

    /** Its bytes. */
    byte[] bytes();

    /** A partition's part of the evidence. */
    record Partial(byte[] bytes) implements Collected {}

    /** A record that could not be used; why is in its headers. */
    record Unusable(byte[] bytes) implements Collected {}
}

package io.understudy.chaos;

/**
 * What a fault did, milliseconds.
 *
 * @param row row of the table
 * @param silence longest time without an answer while requests waited, of any deployment in any partition
 * @param longestWait longest that a request waited
 * @param command longest that a command waited for its answer
 * @param evaluation longest time between two evaluations of one rollout, whose windows have 2 s
 * @param pause longest pause of the reader, which is the error of the other times
 */
record Result(String row, long silence, long longestWait, long command, long evaluation, long pause) {}

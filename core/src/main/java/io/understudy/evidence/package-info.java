/**
 * What decides a rollout: the metrics its author declares, the blocks of observations that windows cut, and the judge that turns them
 * into verdicts. A verdict is a pure function of the sequence of blocks. Knows nothing of Kafka.
 */
package io.understudy.evidence;

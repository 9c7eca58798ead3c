/**
 * Which requests meet the candidate: hashed buckets and the plan made of a deployment's state. Knows nothing of Kafka.
 */
@NullMarked
package io.understudy.assignment;

import org.jspecify.annotations.NullMarked;

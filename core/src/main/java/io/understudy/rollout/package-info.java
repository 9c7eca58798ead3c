/** What a rollout is, how its author writes it, and how commands change it. Knows nothing of Kafka. */
package io.understudy.rollout;

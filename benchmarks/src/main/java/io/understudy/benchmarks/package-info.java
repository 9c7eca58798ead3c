/**
 * Measures the cost of the roles and the effect of a rollout on the served latency, compared with a baseline in the
 * same run.
 */
package io.understudy.benchmarks;

/** What the roles cost, and what a rollout does to the served latency; always beside a yardstick of the same run. */
package io.understudy.benchmarks;

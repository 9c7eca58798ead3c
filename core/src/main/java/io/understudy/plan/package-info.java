/**
 * What people declare: deployments, rollouts, their stages, metrics and policies, as immutable values, and the readers
 * that turn YAML into these values.
 *
 * <p>{@link io.understudy.plan.SpecReader} is the entry point. It reads deployments, rollouts and evidence plans, and
 * delegates: {@code ModelReader} reads a model and its scorer, {@code EvidenceReader} everything about judging (unit,
 * stages, windows, error rates, policies), and {@code MetricReader} the metrics for {@code EvidenceReader}.
 */
@NullMarked
package io.understudy.plan;

import org.jspecify.annotations.NullMarked;

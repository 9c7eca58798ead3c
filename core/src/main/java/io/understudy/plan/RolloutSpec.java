package io.understudy.plan;

import io.understudy.schema.Model;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A rollout as its author declares it.
 *
 * @param deployment the deployment whose model the candidate is to replace
 * @param candidate the model on trial
 * @param unit what is hashed to choose an arm: record keys or request identifiers
 * @param salt the author's salt; empty for the rollout's identifier
 * @param stages the stages in order, never empty
 * @param evidence how the rollout is judged
 * @param fallback how users are protected while the candidate serves them
 * @param mirrorMaxAge the age beyond which a mirrored request is not scored
 * @param approval which steps wait for a person
 * @param readinessTimeout how long a step waits for a program that serves the candidate
 * @param text the YAML from which this specification was read
 */
public record RolloutSpec(
        String deployment,
        Model candidate,
        RandomisationUnit unit,
        Optional<String> salt,
        List<Stage> stages,
        EvidencePlan evidence,
        FallbackPolicy fallback,
        Duration mirrorMaxAge,
        Approval approval,
        Duration readinessTimeout,
        String text) {}

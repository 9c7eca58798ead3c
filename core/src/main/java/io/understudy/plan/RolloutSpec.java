package io.understudy.plan;

import io.understudy.schema.Model;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A rollout as its author writes it.
 *
 * @param deployment the deployment whose model is to be replaced
 * @param candidate the model that is tried
 * @param unit what is hashed
 * @param salt the author's salt; the rollout's identifier when there is none
 * @param stages the plan, in order, never empty
 * @param evidence how it is judged
 * @param fallback how those whom the candidate serves are kept from harm
 * @param mirrorMaxAge how old a mirrored request may be and still be scored
 * @param approval which steps wait for a person
 * @param text the YAML it was read from, kept for the record
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
        String text) {}

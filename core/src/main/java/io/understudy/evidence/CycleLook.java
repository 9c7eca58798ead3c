package io.understudy.evidence;

/**
 * What the whole cycles of a stage show about one metric. Each cycle counts as one observation of its effect.
 *
 * @param better the number of cycles in which the candidate was better
 * @param worse the number of cycles in which it was worse
 * @param superior ln E that it is better in the mean of all cycles, future ones included
 * @param nonInferior ln E that it is not worse by the margin in their mean
 * @param harm ln E that it is worse in their mean; for a guardrail, by more than its margin
 * @param notWorthwhile ln E that it is not better by the effect worth having in their mean; 0 without such an effect
 */
public record CycleLook(
        long better, long worse, double superior, double nonInferior, double harm, double notWorthwhile) {}

/**
 * From answers and outcomes to evidence. {@link io.understudy.collecting.WindowCollector} counts one partition's answers and outcomes
 * into windows; {@link io.understudy.collecting.MergedEvidence} merges the windows of all partitions and has them judged.
 */
package io.understudy.collecting;

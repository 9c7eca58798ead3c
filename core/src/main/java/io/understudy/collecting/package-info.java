/**
 * Turns answers and outcomes into evidence. {@link io.understudy.collecting.WindowCollector} counts the answers and
 * outcomes of one partition in windows. {@link io.understudy.collecting.MergedEvidence} merges the windows of all
 * partitions and has the result judged.
 */
@NullMarked
package io.understudy.collecting;

import org.jspecify.annotations.NullMarked;

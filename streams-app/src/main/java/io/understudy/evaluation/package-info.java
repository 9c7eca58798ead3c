/** The evaluator. It reads answers and outcomes and writes an evaluation after each window. */
@NullMarked
package io.understudy.evaluation;

import org.jspecify.annotations.NullMarked;

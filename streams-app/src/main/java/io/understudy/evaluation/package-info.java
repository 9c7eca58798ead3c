/** The evaluator: answers and outcomes in, a verdict after each window out. */
package io.understudy.evaluation;

/**
 * Simulates whole rollouts with the judge on generated data, to find out how long a decision takes and how often it is
 * wrong.
 */
@NullMarked
package io.understudy.simulation;

import org.jspecify.annotations.NullMarked;

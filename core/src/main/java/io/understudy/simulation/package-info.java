/**
 * Simulates whole rollouts with the judge on generated data, to find out how long a decision takes and how often it is
 * wrong.
 */
package io.understudy.simulation;

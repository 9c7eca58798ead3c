/** Whole rollouts played through the judge on made-up data: how long a decision takes, and how often it is wrong. */
package io.understudy.simulation;

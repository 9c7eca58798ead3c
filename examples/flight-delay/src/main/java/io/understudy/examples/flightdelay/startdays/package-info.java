/** Plays rollouts of the example from many start days, with the real judge and without Kafka. */
package io.understudy.examples.flightdelay.startdays;

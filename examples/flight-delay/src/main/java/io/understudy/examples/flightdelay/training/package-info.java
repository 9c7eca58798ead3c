/** Trains the models of the example. Not needed to run them. */
package io.understudy.examples.flightdelay.training;

/** Flights, and the features of a flight for the delay models. */
package io.understudy.examples.flightdelay;

/** Flights, and what a delay model is told about them. */
package io.understudy.examples.flightdelay;

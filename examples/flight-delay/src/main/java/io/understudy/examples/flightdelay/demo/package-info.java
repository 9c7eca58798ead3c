/** The demo: two weeks of flights, in one process on one machine. */
package io.understudy.examples.flightdelay.demo;

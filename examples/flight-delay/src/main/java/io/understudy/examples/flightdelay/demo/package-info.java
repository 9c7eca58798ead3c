/** The demo: one machine, one process, two weeks of flights. */
package io.understudy.examples.flightdelay.demo;

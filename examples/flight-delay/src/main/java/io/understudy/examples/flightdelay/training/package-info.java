/** How the example's models were made. Not needed to run them. */
package io.understudy.examples.flightdelay.training;

/** The names of what is counted. Every drop, rejection, retry and error has one. */
package io.understudy.metrics;

/**
 * Measures the error rates of the judge and the time to a decision on simulated data, compared with tests that are not
 * valid.
 */
package io.understudy.benchmarks.calibration;

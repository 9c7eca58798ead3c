/** How often the judge is wrong and how long it takes, measured on made-up data, beside tests that do not hold. */
package io.understudy.benchmarks.calibration;

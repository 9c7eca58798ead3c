/** Runs the judge on recorded data from a CSV file. No Kafka. */
package io.understudy.analysis;

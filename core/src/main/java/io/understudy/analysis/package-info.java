/** Runs the judge on recorded data from a CSV file. No Kafka. */
@NullMarked
package io.understudy.analysis;

import org.jspecify.annotations.NullMarked;

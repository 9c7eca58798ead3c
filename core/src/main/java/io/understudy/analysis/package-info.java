/** The judge on data that were recorded elsewhere. Knows nothing of Kafka. */
package io.understudy.analysis;

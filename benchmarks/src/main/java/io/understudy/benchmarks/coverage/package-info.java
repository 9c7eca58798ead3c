/** Measures how often the judge finds a broken split and lost outcomes, and how often it alarms without cause. */
package io.understudy.benchmarks.coverage;

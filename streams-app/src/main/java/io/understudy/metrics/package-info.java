/** The catalogue of meters. Every drop, rejection, retry and error has a meter. */
@NullMarked
package io.understudy.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * The scorer: models, the conversion of requests to their inputs, and the worker that scores the requests of a lane.
 */
@NullMarked
package io.understudy.scoring;

import org.jspecify.annotations.NullMarked;

/** The scorer: models, how requests become their inputs, and the worker that feeds them from a lane. */
package io.understudy.scoring;

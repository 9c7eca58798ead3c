/**
 * The topic of readiness: who says that it serves which model in which lane. Scorers and external programs write it;
 * scorers and the controller follow it.
 */
@NullMarked
package io.understudy.readiness;

import org.jspecify.annotations.NullMarked;

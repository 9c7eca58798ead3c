/** Who needs which permissions on a cluster with access control, and which are missing. */
@NullMarked
package io.understudy.access;

import org.jspecify.annotations.NullMarked;

/** A process: its settings, its roles, and how they start and stop. */
@NullMarked
package io.understudy.runtime;

import org.jspecify.annotations.NullMarked;

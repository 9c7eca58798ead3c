/** A process: its settings, the roles it holds, and how they start and stop. */
package io.understudy.runtime;

/**
 * The controller, which turns commands into states and events, and the clients that send commands and read the control
 * topics.
 */
@NullMarked
package io.understudy.control;

import org.jspecify.annotations.NullMarked;

/** The controller: commands in, states and events out. */
package io.understudy.control;

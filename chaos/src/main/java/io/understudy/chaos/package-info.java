/** Plays faults on a running installation, and checks from outside that nothing is lost or doubled. */
package io.understudy.chaos;

/**
 * The parts of a record that several roles read or write besides its value: the routing header, the leading fields of a
 * request, and dead letters. Also decides what a failure to process a record means.
 */
@NullMarked
package io.understudy.wire;

import org.jspecify.annotations.NullMarked;

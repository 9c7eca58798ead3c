/** The topics: their names, types, partitions and retention, and the code that creates and checks them. */
@NullMarked
package io.understudy.topics;

import org.jspecify.annotations.NullMarked;

/** The command {@code calc}, which gives access to the statistics: one test per line, as JSON. */
@NullMarked
package io.understudy.cli.calc;

import org.jspecify.annotations.NullMarked;

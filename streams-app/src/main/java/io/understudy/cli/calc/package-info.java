/** The command that lays the statistics open: one test a line, as JSON. */
package io.understudy.cli.calc;

/** The command line. */
package io.understudy.cli;

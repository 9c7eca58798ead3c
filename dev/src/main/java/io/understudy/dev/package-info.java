/** The {@code dev} command: an embedded broker and registry for developers of programs that use Understudy. */
package io.understudy.dev;

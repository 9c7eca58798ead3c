/** The {@code dev} command: an embedded broker and registry for whoever develops against Understudy. */
package io.understudy.dev;

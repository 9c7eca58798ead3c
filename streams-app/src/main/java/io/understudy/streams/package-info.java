/** What several Streams applications need: a table of all deployments' states, and a hook into the commit. */
package io.understudy.streams;

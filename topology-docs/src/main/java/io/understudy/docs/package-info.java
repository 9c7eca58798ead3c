/** Generates the pages that describe the code: topics, topologies, settings, metrics, records and commands. */
package io.understudy.docs;

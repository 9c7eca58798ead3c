/** The pages that are written from the code: topics, topologies, settings, metrics, records, commands. */
package io.understudy.docs;

package io.understudy.registry;

import io.understudy.topics.Topic;
import org.apache.avro.Schema;

/** Finds schemas by their ids. */
@FunctionalInterface
interface SchemaLookup {

    /** See {@link Registry#schema}. */
    Schema schema(Topic topic, int id);
}

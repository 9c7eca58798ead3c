/**
 * Avro values in the wire format of the schema registry: its client, the encoders and decoders, and their exceptions.
 */
@NullMarked
package io.understudy.registry;

import org.jspecify.annotations.NullMarked;

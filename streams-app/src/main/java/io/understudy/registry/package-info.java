/** Avro values on the wire: the schema registry's client, what is read and written through it, and how it may fail. */
package io.understudy.registry;

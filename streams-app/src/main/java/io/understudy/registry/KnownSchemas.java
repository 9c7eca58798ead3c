package io.understudy.registry;

import io.understudy.schema.SchemaClasses;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * The versions of one record's schema that this program contains, by their fingerprints (CRC-64-AVRO of the canonical
 * form). A record that says which one it was written with can be read without the registry.
 */
final class KnownSchemas {

    private final Map<Long, Schema> byFingerprint = new HashMap<>();

    KnownSchemas(Class<? extends SpecificRecord> type) {
        Schema current = SpecificData.get().getSchema(type);
        SchemaClasses.versions(current.getName()).forEach(this::add);
        add(current);
    }

    private void add(Schema schema) {
        byFingerprint.put(fingerprint(schema), schema);
    }

    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    Optional<Schema> find(long fingerprint) {
        return Optional.ofNullable(byFingerprint.get(fingerprint));
    }
}

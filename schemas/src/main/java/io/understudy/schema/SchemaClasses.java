package io.understudy.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * The generated classes of this package. Avro only reads, writes and copies generated classes of trusted packages, so
 * code that does any of these must call {@link #trust} first. After that, the decoders of internal records can also
 * read earlier versions, and malformed bytes cannot make Avro allocate gigabytes.
 */
public final class SchemaClasses {

    /** More than the largest record that Understudy can be told to accept, bytes. */
    private static final String MAX_TEXT_BYTES = Integer.toString(80 * 1024 * 1024);

    static {
        // A few malformed bytes can claim a text of 2 GB, which Avro would allocate before it finds the bytes missing.
        limit("org.apache.avro.limits.string.maxLength");
        limit("org.apache.avro.limits.bytes.maxLength");
        String thisPackage = SchemaClasses.class.getPackageName();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(thisPackage)));
        // Internal records contain the fingerprint of their schema, and these schemas are not in the registry.
        addEarlierVersions(StageEvidenceState.getDecoder(), "StageEvidenceState");
        addEarlierVersions(PartialEvidence.getDecoder(), "PartialEvidence");
        addEarlierVersions(OpenEvidence.getDecoder(), "OpenEvidence");
        addEarlierVersions(WindowClockState.getDecoder(), "WindowClockState");
        addEarlierVersions(PendingRequest.getDecoder(), "PendingRequest");
        addEarlierVersions(GuardedRequests.getDecoder(), "GuardedRequests");
    }

    private static void limit(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, MAX_TEXT_BYTES);
        }
    }

    /** Enables a decoder to read all earlier versions of its record. */
    private static void addEarlierVersions(BinaryMessageDecoder<?> decoder, String record) {
        versions(record).forEach(decoder::addSchema);
    }

    /** Every version of the schema of a record of this package that has had a release, from the first. */
    public static List<Schema> versions(String record) {
        List<Schema> versions = new ArrayList<>();
        while (true) {
            String name = "history/" + record + "/" + (versions.size() + 1) + ".avsc";
            try (InputStream schema = SchemaClasses.class.getResourceAsStream(name)) {
                if (schema == null) {
                    return versions;
                }
                versions.add(new Schema.Parser().parse(schema));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private SchemaClasses() {}

    /** Makes Avro trust this package, in addition to the packages that it already trusts. May be called repeatedly. */
    public static void trust() {
        // the static initialiser does this once
    }
}

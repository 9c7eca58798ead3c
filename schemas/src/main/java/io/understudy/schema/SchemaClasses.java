package io.understudy.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * The generated classes of this package. Avro reads, writes and copies a generated class only once its package is trusted, so
 * whoever does any of these calls {@link #trust} first. From then on, what an earlier version kept for itself can be read.
 */
public final class SchemaClasses {

    static {
        String ours = SchemaClasses.class.getPackageName();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(ours)));
        // What an application has kept for itself names the schema it was written by, which is in no registry.
        remember(StageEvidenceState.getDecoder(), "StageEvidenceState");
        remember(PartialEvidence.getDecoder(), "PartialEvidence");
        remember(OpenEvidence.getDecoder(), "OpenEvidence");
        remember(WindowClockState.getDecoder(), "WindowClockState");
        remember(PendingRequest.getDecoder(), "PendingRequest");
        remember(GuardedRequests.getDecoder(), "GuardedRequests");
    }

    /** Has a decoder read every version of its record that ever was. */
    private static void remember(BinaryMessageDecoder<?> decoder, String record) {
        for (int version = 1; ; version++) {
            try (InputStream schema =
                    SchemaClasses.class.getResourceAsStream("history/" + record + "/" + version + ".avsc")) {
                if (schema == null) {
                    return;
                }
                decoder.addSchema(new Schema.Parser().parse(schema));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private SchemaClasses() {}

    /** Has Avro trust this package, in addition to what it trusts already. May be called often. */
    public static void trust() {
        // done once, when this class is initialised
    }
}

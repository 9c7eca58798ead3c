package io.understudy.schema;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * The generated classes of this package. Avro reads, writes and copies a generated class only once its package is trusted, so
 * whoever does any of these calls {@link #trust} first.
 */
public final class SchemaClasses {

    static {
        String ours = SchemaClasses.class.getPackageName();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(ours)));
    }

    private SchemaClasses() {}

    /** Has Avro trust this package, in addition to what it trusts already. May be called often. */
    public static void trust() {
        // done once, when this class is initialised
    }
}

package io.understudy.docs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;

/** The fields of a record with their docs, and those of the records and enums inside it. */
final class SchemaTable {

    private SchemaTable() {}

    static String render(Schema record) {
        StringBuilder page = new StringBuilder();
        Set<String> done = new HashSet<>();
        Deque<Schema> open = new ArrayDeque<>(List.of(record));
        while (!open.isEmpty()) {
            Schema next = open.poll();
            if (!done.add(next.getFullName())) {
                continue;
            }
            boolean top = next.equals(record);
            page.append(top ? "### " : "#### ")
                    .append(top ? "" : record.getName() + ": ")
                    .append(next.getName());
            page.append("\n\n").append(wrapped(next.getDoc())).append("\n\n");
            if (next.getType() == Schema.Type.ENUM) {
                page.append(wrapped("One of " + String.join(", ", next.getEnumSymbols()) + "."))
                        .append("\n\n");
                continue;
            }
            page.append("| field | type | meaning |\n|---|---|---|\n");
            for (Schema.Field field : next.getFields()) {
                page.append(
                        "| `%s` | %s | %s |\n".formatted(field.name(), type(field.schema()), Cells.text(field.doc())));
                open.addAll(named(field.schema()));
            }
            page.append('\n');
        }
        return page.toString();
    }

    /** Breaks a text into lines of at most 120 characters. */
    private static String wrapped(String text) {
        return text.replaceAll("(.{1,120})(?: +|$)", "$1\n").stripTrailing();
    }

    private static String type(Schema schema) {
        return switch (schema.getType()) {
            case UNION ->
                String.join(
                        " or ",
                        schema.getTypes().stream().map(SchemaTable::type).toList());
            case ARRAY -> "list of " + type(schema.getElementType());
            case MAP -> "map of " + type(schema.getValueType());
            case RECORD, ENUM, FIXED -> schema.getName();
            case STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL ->
                schema.getLogicalType() == null
                        ? schema.getType().getName()
                        : schema.getLogicalType().getName();
        };
    }

    private static List<Schema> named(Schema schema) {
        List<Schema> found = new ArrayList<>();
        switch (schema.getType()) {
            case UNION -> schema.getTypes().forEach(one -> found.addAll(named(one)));
            case ARRAY -> found.addAll(named(schema.getElementType()));
            case MAP -> found.addAll(named(schema.getValueType()));
            case RECORD, ENUM -> found.add(schema);
            case FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> {
                // Types without fields or symbols have no section.
            }
        }
        return found;
    }
}

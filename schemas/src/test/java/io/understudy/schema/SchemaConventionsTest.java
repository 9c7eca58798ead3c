package io.understudy.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaConventionsTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.understudy.schema.SchemaHistoryTest#records")
    void everyRecordFieldAndEnumIsDocumentedAndEveryEnumHasADefault(Schema record) {
        visit(record, new HashSet<>());
    }

    @Test
    void aRequestLeadsWithWhatTheRouterReads() {
        assertThat(PredictionRequest.getClassSchema().getFields().subList(0, 2))
                .extracting(Schema.Field::name)
                .isEqualTo(List.of("request_id", "deployment"));
    }

    private static void visit(Schema schema, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> record(schema, seen);
            case ENUM -> {
                assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
                assertThat(schema.getEnumDefault()).as(schema.getFullName()).isNotNull();
            }
            case UNION -> schema.getTypes().forEach(type -> visit(type, seen));
            case ARRAY -> visit(schema.getElementType(), seen);
            case MAP -> visit(schema.getValueType(), seen);
            default -> {
                // nothing below a primitive
            }
        }
    }

    private static void record(Schema schema, Set<String> seen) {
        if (!seen.add(schema.getFullName())) {
            return;
        }
        assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
        for (Schema.Field field : schema.getFields()) {
            String name = schema.getName() + "." + field.name();
            assertThat(field.doc()).as(name).isNotBlank();
            Schema plain = field.schema().isUnion()
                    ? field.schema().getTypes().get(field.schema().getTypes().size() - 1)
                    : field.schema();
            if (LogicalTypes.timestampMillis().equals(plain.getLogicalType())) {
                assertThat(field.doc()).as("unit of " + name).contains("milliseconds since 1970");
            }
            visit(field.schema(), seen);
        }
    }
}

package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.understudy.schema.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AsyncApiTest {

    private static JsonNode document;

    @BeforeAll
    static void read() throws IOException {
        document = new YAMLMapper().readTree(AsyncApi.render());
    }

    @Test
    void refersToNothingThatIsNotThere() {
        assertThat(document.findValuesAsText("$ref"))
                .hasSizeGreaterThan(10)
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void everyPayloadIsTheSchemaThatIsRegistered() {
        JsonNode payload = document.at("/components/messages/Prediction/payload/schema");
        assertThat(new Schema.Parser().parse(payload.toString())).isEqualTo(Prediction.getClassSchema());
        document.at("/components/messages").forEach(message -> {
            if (message.at("/payload/schemaFormat").asText().contains("avro")) {
                new Schema.Parser().parse(message.at("/payload/schema").toString());
            }
        });
    }

    /** By the schema that the AsyncAPI initiative publishes, where whoever runs the tests has fetched it. */
    @Test
    void isAsyncApi3() throws IOException {
        String place = System.getenv("ASYNCAPI_SCHEMA");
        if (place == null) {
            System.err.println("SKIPPED: asyncapi.yaml is not validated; ASYNCAPI_SCHEMA names no schema (3.0.0.json)");
        }
        Assumptions.assumeTrue(place != null, "ASYNCAPI_SCHEMA names no schema");
        var schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(new JsonMapper().readTree(Files.readString(Path.of(place))));
        assertThat(schema.validate(document)).isEmpty();
    }
}

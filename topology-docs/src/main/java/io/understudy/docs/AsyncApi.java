package io.understudy.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.understudy.access.Party;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The document {@code docs/asyncapi.yaml}: what other programs may send and receive, as AsyncAPI 3.0 with Kafka
 * bindings.
 */
final class AsyncApi {

    private static final String AVRO = "application/vnd.apache.avro;version=1.9.0";
    private static final String KAFKA_BINDING = "0.5.0";
    private static final List<String> OTHERS =
            Flows.OTHERS.stream().map(Party::code).toList();
    private static final int DEFAULT_PARTITIONS = 6;

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    private AsyncApi() {}

    static String render() {
        try {
            return "# Generated from the code by the module topology-docs. The build fails when this file differs from the code.\n"
                    + YAML.writeValueAsString(document());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode document() throws JsonProcessingException {
        Topics topics = new Topics("", Topologies.MAX_REQUEST_BYTES);
        Flows flows = Flows.of(topics);
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("asyncapi", "3.0.0");
        document.putObject("info")
                .put("title", "Understudy")
                .put("version", "1.0.0")
                .put(
                        "description",
                        "The topics of an installation. Values are in the wire format of the schema registry; keys are UTF-8."
                                + " Consumers must set isolation.level=read_committed.")
                .putObject("license")
                .put("name", "Apache-2.0")
                .put("url", "https://www.apache.org/licenses/LICENSE-2.0.txt");
        document.put("defaultContentType", "application/vnd.confluent.avro");
        ObjectNode channels = document.putObject("channels");
        ObjectNode operations = document.putObject("operations");
        ObjectNode messages = document.putObject("components").putObject("messages");
        for (Topic topic : topics.all()) {
            channel(channels.putObject(topic.name()), topic);
            operations(operations, topic, flows);
            message(messages, topic);
        }
        return document;
    }

    private static void channel(ObjectNode channel, Topic topic) {
        channel.put("address", topic.name());
        channel.put("description", topic.purpose());
        channel.putObject("messages")
                .putObject(messageName(topic))
                .put("$ref", "#/components/messages/" + messageName(topic));
        ObjectNode kafka = channel.putObject("bindings").putObject("kafka");
        kafka.put("topic", topic.name());
        kafka.put("partitions", topic.control() ? 1 : DEFAULT_PARTITIONS);
        ObjectNode configuration = kafka.putObject("topicConfiguration");
        configuration.putArray("cleanup.policy").add(topic.compacted() ? "compact" : "delete");
        configuration.put(
                "retention.ms", topic.retention().map(Duration::toMillis).orElse(-1L));
        configuration.put("max.message.bytes", topic.maxMessageBytes());
        kafka.put("bindingVersion", KAFKA_BINDING);
    }

    /** The operations, from the view of Understudy: it receives what other programs write and sends what they read. */
    private static void operations(ObjectNode operations, Topic topic, Flows flows) {
        if (OTHERS.stream().anyMatch(flows.writers(topic)::contains)) {
            operation(operations.putObject("receive-" + topic.name()), "receive", topic);
        }
        if (OTHERS.stream().anyMatch(flows.readers(topic)::contains)) {
            operation(operations.putObject("send-" + topic.name()), "send", topic);
        }
    }

    private static void operation(ObjectNode operation, String action, Topic topic) {
        operation.put("action", action);
        operation.putObject("channel").put("$ref", "#/channels/" + topic.name());
        operation.put("summary", topic.purpose());
    }

    private static void message(ObjectNode messages, Topic topic) throws JsonProcessingException {
        if (messages.has(messageName(topic))) {
            return;
        }
        ObjectNode message = messages.putObject(messageName(topic));
        message.put("name", messageName(topic));
        if (topic.valueSchema().isPresent()) {
            Schema schema = topic.valueSchema().get();
            message.put("summary", schema.getDoc());
            ObjectNode payload = message.putObject("payload");
            payload.put("schemaFormat", AVRO);
            payload.set("schema", new JsonMapper().readTree(schema.toString()));
        } else {
            message.put("summary", topic.purpose());
            message.put("contentType", "application/octet-stream");
            message.putObject("payload").put("type", "string").put("format", "binary");
        }
        ObjectNode kafka = message.putObject("bindings").putObject("kafka");
        kafka.putObject("key").put("type", "string").put("description", topic.key());
        kafka.put("bindingVersion", KAFKA_BINDING);
    }

    private static String messageName(Topic topic) {
        return topic.valueSchema().map(Schema::getName).orElse("DeadLetter");
    }
}

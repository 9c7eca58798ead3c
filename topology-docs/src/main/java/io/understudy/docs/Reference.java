package io.understudy.docs;

import io.understudy.metrics.Metric;
import io.understudy.runtime.Environment;
import io.understudy.runtime.ReservedKafkaSettings;
import io.understudy.runtime.Setting;
import io.understudy.runtime.SettingsTable;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** The page {@code docs/reference.md}. */
final class Reference {

    /** Descriptions of the defaults that depend on the machine or change at every start. */
    private static final Map<String, String> VARYING_DEFAULTS =
            Map.of("instance", "a new one at each start", "state.directory", "in the temporary directory");

    private static final Set<String> REQUIRED = Set.of("registry.url");

    private Reference() {}

    static String render() {
        Topics topics = new Topics("", Topologies.MAX_REQUEST_BYTES);
        StringBuilder page = new StringBuilder("""
                # Reference

                This page is generated from the code by the module `topology-docs`. The build fails when the page differs from the code.
                The command line is described in [cli.md](cli.md), the topics are described as AsyncAPI in
                [asyncapi.yaml](asyncapi.yaml), and the console serves the OpenAPI description of its API at `/api/openapi.json`.

                ## All roles, connected by the topics

                """);
        Flows flows = Flows.of(topics);
        page.append(flows.picture(topics));
        page.append("""

                ## Topics

                Data topics are keyed by the key of the unit, and all have the same number of partitions. Control topics have one
                partition. Where the cluster has three brokers or more, each topic has three copies, of which two must have each record,
                unless `topics.replication-factor` is set. The broker stamps every record but the requests with its own clock (`message.timestamp.type=LogAppendTime`).

                | topic | what it carries | key | value | partitions | kept | written by | read by |
                |---|---|---|---|---|---|---|---|
                """);
        topics.all().forEach(topic -> page.append(row(topic, flows)));
        page.append("\n## Topologies\n");
        Topologies.all(topics)
                .forEach((role, topology) ->
                        page.append("\n### ").append(role).append("\n\n").append(MermaidTopology.render(topology)));
        page.append("""

                The scorer is not a topology: for each lane, a worker polls records, scores them as a batch, and writes the answers and
                its offsets in one transaction. The console and the notifier read the control topics as plain consumers.

                ## Settings

                Settings come from a properties file (`--config FILE`), from the environment, and from single options
                (`--set NAME=VALUE`). Later sources override earlier ones. Settings `kafka.*` are passed to every Kafka client;
                `kafka.bootstrap.servers` (`UNDERSTUDY_KAFKA_BOOTSTRAP_SERVERS`) is required. Settings `registry.*` that are not listed
                below are passed to the client of the schema registry.

                | setting | in the environment | default | meaning |
                |---|---|---|---|
                """);
        SettingsTable.reference().forEach(setting -> page.append(row(setting)));
        page.append("""

                A process does not start with one of these settings of Kafka, with or without a prefix such as `consumer.`:

                | setting of Kafka | why it must not be set |
                |---|---|
                """);
        ReservedKafkaSettings.reasons()
                .forEach((name, reason) -> page.append("| `kafka.%s` | %s |\n".formatted(name, Cells.text(reason))));
        page.append("""

                ## Metrics

                Every process serves its metrics at `/metrics`, in the Prometheus format. Each metric has the label `role` in addition
                to its own labels. A timer or summary has the series `_bucket`, `_count`, `_sum` and `_max`. The console serves the
                metrics of the rollouts. There are also the most useful metrics of Kafka Streams and its consumers (`kafka_stream_...`,
                `kafka_consumer_...`) and those of the JVM (`jvm_...`). Alert rules: [alerts.yml](alerts.yml).

                | metric | kind | labels | meaning |
                |---|---|---|---|
                """);
        for (Metric metric : Metric.values()) {
            page.append(row(metric));
        }
        page.append(
                "\n## Records\n\nThe values of the topics. Earlier versions of the schemas are in `schemas/src/main/resources`.\n\n");
        topics.all().stream()
                .flatMap(topic -> topic.valueSchema().stream())
                .distinct()
                .forEach(schema -> page.append(SchemaTable.render(schema)));
        return page.toString().stripTrailing() + "\n";
    }

    private static String row(Topic topic, Flows flows) {
        return "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        topic.name(),
                        topic.purpose(),
                        topic.key(),
                        topic.valueSchema().map(Schema::getName).orElse("bytes"),
                        topic.control() ? "1" : "`topics.partitions`",
                        topic.compacted()
                                ? "the last of each key (compacted)"
                                : topic.retention()
                                        .map(Duration::toDays)
                                        .map(days -> days + " days")
                                        .orElse("forever"),
                        String.join(", ", flows.writers(topic)),
                        String.join(", ", flows.readers(topic)));
    }

    private static String row(Setting setting) {
        String defaultValue = REQUIRED.contains(setting.name())
                ? "required"
                : VARYING_DEFAULTS.getOrDefault(
                        setting.name(), setting.defaultValue().isEmpty() ? "none" : "`" + setting.defaultValue() + "`");
        return "| `%s` | `%s` | %s | %s |\n"
                .formatted(
                        setting.name(),
                        Environment.variable(setting.name()),
                        defaultValue,
                        Cells.text(setting.meaning()));
    }

    private static String row(Metric metric) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        metric.prometheusName(),
                        metric.kind().name().toLowerCase(Locale.ROOT),
                        String.join(", ", metric.tags()),
                        Cells.text(metric.description()));
    }
}

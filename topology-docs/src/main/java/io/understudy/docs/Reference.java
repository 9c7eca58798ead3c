package io.understudy.docs;

import io.understudy.metrics.Metric;
import io.understudy.runtime.Environment;
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

    /** Defaults that differ from machine to machine, or from start to start, and what to say of them. */
    private static final Map<String, String> VARYING =
            Map.of("instance", "a new one each time", "state.directory", "below the temporary directory");

    private static final Set<String> MUST_BE_SET = Set.of("registry.url");

    private Reference() {}

    static String render() {
        Topics topics = new Topics("", Topologies.MAX_REQUEST_BYTES);
        StringBuilder page = new StringBuilder("""
                # Reference

                Written from the code by the module `topology-docs`; the build fails when this page and the code differ. The command line is in
                [cli.md](cli.md), the topics as AsyncAPI in [asyncapi.yaml](asyncapi.yaml), the console's API as OpenAPI in its
                `/api/openapi.json`.

                ## All roles, joined at the topics

                """);
        Flows flows = Flows.of(topics);
        page.append(flows.picture(topics));
        page.append("""

                ## Topics

                Data topics are keyed by the unit's key and have equally many partitions; control topics have one. Replication is the cluster's
                default, unless `topics.replication-factor` says otherwise.

                | topic | what it carries | key | value | partitions | kept | written by | read by |
                |---|---|---|---|---|---|---|---|
                """);
        topics.all().forEach(topic -> page.append(row(topic, flows)));
        page.append("\n## Topologies\n");
        Topologies.all(topics)
                .forEach((role, topology) ->
                        page.append("\n### ").append(role).append("\n\n").append(MermaidTopology.render(topology)));
        page.append("""

                The scorer is no topology: a worker per lane polls, scores the poll as a batch, and writes the answers and its offsets in
                one transaction. The console and the notifier read the control topics as plain consumers.

                ## Settings

                In a properties file (`--config FILE`), in the environment, or one by one (`--set NAME=VALUE`); the later win. `kafka.*` is passed on
                to every Kafka client, and must have `kafka.bootstrap.servers` (`UNDERSTUDY_KAFKA_BOOTSTRAP_SERVERS`); `registry.*` other than those
                below is passed on to the schema registry's client.

                | setting | in the environment | default | meaning |
                |---|---|---|---|
                """);
        SettingsTable.reference().forEach(setting -> page.append(row(setting)));
        page.append("""

                ## Metrics

                At `/metrics`, in Prometheus' format, each with a label `role` besides its own. A timer or summary has the series `_bucket`, `_count`,
                `_sum` and `_max`. What the control topics say is told by the console. Besides: Kafka Streams' and its consumers' most telling ones
                (`kafka_stream_...`, `kafka_consumer_...`) and those of the JVM (`jvm_...`). Alert rules: [alerts.yml](alerts.yml).

                | metric | kind | labels | meaning |
                |---|---|---|---|
                """);
        for (Metric metric : Metric.values()) {
            page.append(row(metric));
        }
        page.append(
                "\n## Records\n\nThe values of the topics. Their earlier versions are in `schemas/src/main/resources`.\n\n");
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
                                        .orElse("for ever"),
                        String.join(", ", flows.writers(topic)),
                        String.join(", ", flows.readers(topic)));
    }

    private static String row(Setting setting) {
        String otherwise = MUST_BE_SET.contains(setting.name())
                ? "must be set"
                : VARYING.getOrDefault(
                        setting.name(), setting.otherwise().isEmpty() ? "none" : "`" + setting.otherwise() + "`");
        return "| `%s` | `%s` | %s | %s |\n"
                .formatted(
                        setting.name(), Environment.variable(setting.name()), otherwise, Cells.text(setting.meaning()));
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

package io.understudy.docs;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.control.Control;
import io.understudy.control.ControlTopology;
import io.understudy.evaluation.Evaluation;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.metrics.Meters;
import io.understudy.registry.Registry;
import io.understudy.routing.Routing;
import io.understudy.routing.RoutingTopology;
import io.understudy.runtime.Setting;
import io.understudy.runtime.Settings;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** The page {@code docs/reference.md}. */
final class Reference {

    private static final int MAX_REQUEST_BYTES = 1024 * 1024;

    /** Defaults that differ from machine to machine, or from start to start, and what to say of them. */
    private static final Map<String, String> VARYING =
            Map.of("instance", "a new one each time", "state.directory", "below the temporary directory");

    private static final Set<String> MUST_BE_SET = Set.of("registry.url");

    private Reference() {}

    static String render() {
        Topics topics = new Topics("", MAX_REQUEST_BYTES);
        StringBuilder page = new StringBuilder("""
                # Reference

                Written from the code by the module `topology-docs`; the build fails when this page and the code differ.

                ## Topics

                Data topics are keyed by the unit's key and have equally many partitions; control topics have one.

                | topic | what it carries | key | value | kept |
                |---|---|---|---|---|
                """);
        topics.all().forEach(topic -> page.append(row(topic)));
        page.append("\n## Topologies\n\n### router\n\n").append(router(topics));
        page.append("\n### controller\n\n").append(controller(topics));
        page.append("\n### evaluator\n\n").append(evaluator(topics));
        page.append("""

                The scorer is no topology: a worker per lane polls, scores the poll as a batch, and writes the answers and its offsets in
                one transaction.

                ## Settings

                In a properties file (`--config FILE`) or one by one (`--set NAME=VALUE`). `kafka.*` is passed on to every Kafka client, and
                must have `kafka.bootstrap.servers`; `registry.*` other than those below is passed on to the schema registry's client.

                | setting | default | meaning |
                |---|---|---|
                """);
        Settings.reference().forEach(setting -> page.append(row(setting)));
        return page.toString();
    }

    private static String row(Topic topic) {
        return "| `%s` | %s | %s | %s | %s |\n"
                .formatted(
                        topic.name(),
                        topic.purpose(),
                        topic.key(),
                        topic.valueSchema().map(Schema::getName).orElse("bytes"),
                        topic.compacted()
                                ? "the last of each key"
                                : topic.retention()
                                        .map(Duration::toDays)
                                        .map(days -> days + " days")
                                        .orElse("for ever"));
    }

    private static String row(Setting setting) {
        String otherwise = MUST_BE_SET.contains(setting.name())
                ? "must be set"
                : VARYING.getOrDefault(
                        setting.name(), setting.otherwise().isEmpty() ? "none" : "`" + setting.otherwise() + "`");
        return "| `%s` | %s | %s |\n".formatted(setting.name(), otherwise, setting.meaning());
    }

    private static String router(Topics topics) {
        return MermaidTopology.render(RoutingTopology.build(
                topics,
                new Routing(topics, registry(), meters(Routing.ROLE), InstantSource.system(), MAX_REQUEST_BYTES)));
    }

    private static String controller(Topics topics) {
        return MermaidTopology.render(
                ControlTopology.build(topics, new Control(topics, registry(), meters(Control.ROLE), model -> model)));
    }

    private static String evaluator(Topics topics) {
        return MermaidTopology.render(EvaluationTopology.build(
                topics,
                new Evaluation(
                        topics,
                        registry(),
                        meters(Evaluation.ROLE),
                        () -> 1,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO)));
    }

    private static Registry registry() {
        return new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    }

    private static Meters meters(String role) {
        return new Meters(new SimpleMeterRegistry(), role);
    }
}

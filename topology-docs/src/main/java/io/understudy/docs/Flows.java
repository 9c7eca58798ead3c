package io.understudy.docs;

import io.understudy.access.Party;
import io.understudy.access.Permissions;
import io.understudy.runtime.RoleName;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;

/**
 * The writers and readers of each topic. For roles with a topology, they come from the topology; for other roles and
 * for people, from the permissions that they need.
 */
final class Flows {

    /** Everybody who is not a role, in the order of the pictures. */
    static final List<Party> OTHERS =
            List.of(Party.UPSTREAM, Party.OUTCOME_SOURCES, Party.DOWNSTREAM, Party.OPERATORS, Party.EXTERNAL_SCORERS);

    private final Map<String, Set<String>> writers = new TreeMap<>();
    private final Map<String, Set<String>> readers = new TreeMap<>();
    private final Set<String> names;

    private Flows(Topics topics) {
        this.names = topics.all().stream().map(Topic::name).collect(Collectors.toSet());
    }

    static Flows of(Topics topics) {
        Flows flows = new Flows(topics);
        Topologies.all(topics).forEach((role, topology) -> flows.add(role, topology.describe()));
        Permissions permissions = new Permissions(topics);
        Stream.concat(OTHERS.stream(), Stream.of(Party.SCORER, Party.CONSOLE, Party.NOTIFIER))
                .forEach(party -> {
                    permissions.read(party).forEach(topic -> flows.reads(party.code(), topic.name()));
                    permissions.written(party).forEach(topic -> flows.writes(party.code(), topic.name()));
                });
        return flows;
    }

    private void add(String role, TopologyDescription description) {
        description.globalStores().forEach(store -> store.source().topicSet().forEach(topic -> reads(role, topic)));
        description.subtopologies().stream()
                .flatMap(subtopology -> subtopology.nodes().stream())
                .forEach(node -> {
                    if (node instanceof Source source) {
                        source.topicSet().forEach(topic -> reads(role, topic));
                    } else if (node instanceof Sink sink) {
                        writes(role, sink.topic());
                    }
                });
    }

    /** Ignores the internal topics of an application. */
    private void reads(String role, String topic) {
        if (names.contains(topic)) {
            readers.computeIfAbsent(topic, absent -> new TreeSet<>()).add(role);
        }
    }

    private void writes(String role, String topic) {
        if (names.contains(topic)) {
            writers.computeIfAbsent(topic, absent -> new TreeSet<>()).add(role);
        }
    }

    Set<String> writers(Topic topic) {
        return writers.getOrDefault(topic.name(), Set.of());
    }

    Set<String> readers(Topic topic) {
        return readers.getOrDefault(topic.name(), Set.of());
    }

    /**
     * All roles and people, connected by the topics. The dead letters are left out because almost every role writes
     * them.
     */
    String picture(Topics topics) {
        Map<String, String> shapes = new LinkedHashMap<>();
        for (RoleName role : RoleName.values()) {
            shapes.put(role.code(), "[" + role.code() + "]");
        }
        StringBuilder chart = new StringBuilder("```mermaid\nflowchart LR\n");
        shapes.forEach(
                (role, shape) -> chart.append("    ").append(role).append(shape).append('\n'));
        for (Party others : OTHERS) {
            chart.append("    ")
                    .append(id(others.code()))
                    .append("{{")
                    .append(others.code())
                    .append("}}\n");
        }
        for (Topic topic : topics.all()) {
            if (topic.name().equals(topics.deadLetters().name())) {
                continue;
            }
            String stadium = "topic_" + topic.name() + "([" + topic.name() + "])";
            writers(topic).forEach(role -> chart.append("    " + id(role) + " --> " + stadium + "\n"));
            readers(topic).forEach(role -> chart.append("    " + stadium + " --> " + id(role) + "\n"));
        }
        return chart.append("```\n").toString();
    }

    private static String id(String name) {
        return name.replace(' ', '-');
    }
}

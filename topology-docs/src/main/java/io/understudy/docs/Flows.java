package io.understudy.docs;

import io.understudy.runtime.RoleName;
import io.understudy.scoring.Lane;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;

/**
 * The writers and readers of each topic. For roles with a topology, they come from the topology; for other roles and
 * for people, they are listed here.
 */
final class Flows {

    static final String UPSTREAM = "upstream";
    static final String DOWNSTREAM = "downstream";
    static final String OPERATORS = "operators";
    static final String EXTERNAL = "external scorers";

    private final Map<String, Set<String>> writers = new TreeMap<>();
    private final Map<String, Set<String>> readers = new TreeMap<>();
    private final Set<String> names;

    private Flows(Topics topics) {
        this.names = topics.all().stream().map(Topic::name).collect(Collectors.toSet());
    }

    static Flows of(Topics topics) {
        Flows flows = new Flows(topics);
        Topologies.all(topics).forEach((role, topology) -> flows.add(role, topology.describe()));
        String scorer = RoleName.SCORER.code();
        for (Lane lane : Lane.all(topics.lanes())) {
            flows.reads(scorer, lane.requests(topics));
            flows.writes(scorer, lane.predictions(topics));
        }
        flows.reads(scorer, topics.rolloutState());
        flows.writes(scorer, topics.deadLetters());
        String console = RoleName.CONSOLE.code();
        flows.reads(console, topics.rolloutState());
        flows.reads(console, topics.rolloutEvents());
        flows.reads(console, topics.rolloutEvaluations());
        flows.writes(console, topics.rolloutCommands());
        flows.reads(RoleName.NOTIFIER.code(), topics.rolloutEvents());
        for (Lane lane : Lane.all(topics.lanes())) {
            flows.reads(EXTERNAL, lane.requests(topics));
            flows.writes(EXTERNAL, lane.predictions(topics));
        }
        flows.writes(UPSTREAM, topics.predictionRequests());
        flows.writes(UPSTREAM, topics.outcomes());
        flows.reads(DOWNSTREAM, topics.predictions());
        flows.writes(OPERATORS, topics.rolloutCommands());
        flows.reads(OPERATORS, topics.rolloutState());
        flows.reads(OPERATORS, topics.rolloutEvents());
        flows.reads(OPERATORS, topics.rolloutEvaluations());
        flows.reads(OPERATORS, topics.deadLetters());
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

    private void reads(String role, Topic topic) {
        reads(role, topic.name());
    }

    private void writes(String role, Topic topic) {
        writes(role, topic.name());
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
        for (String people : List.of(UPSTREAM, DOWNSTREAM, OPERATORS, EXTERNAL)) {
            chart.append("    ").append(id(people)).append("{{").append(people).append("}}\n");
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

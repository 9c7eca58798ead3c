package io.understudy.docs;

import java.util.TreeSet;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.GlobalStore;
import org.apache.kafka.streams.TopologyDescription.Node;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;
import org.apache.kafka.streams.TopologyDescription.Subtopology;

/** A topology as a Mermaid flowchart: topics are stadiums, processors boxes, stores cylinders. */
final class MermaidTopology {

    private final TreeSet<String> lines = new TreeSet<>();

    private MermaidTopology() {}

    static String render(Topology topology) {
        MermaidTopology chart = new MermaidTopology();
        TopologyDescription description = topology.describe();
        description.globalStores().forEach(chart::globalStore);
        description.subtopologies().forEach(chart::subtopology);
        return "```mermaid\nflowchart LR\n" + String.join("", chart.lines) + "```\n";
    }

    private void globalStore(GlobalStore global) {
        global.processor()
                .stores()
                .forEach(store ->
                        global.source().topicSet().forEach(topic -> lines.add(arrow(topic(topic), store(store)))));
    }

    private void subtopology(Subtopology subtopology) {
        for (Node node : subtopology.nodes()) {
            if (node instanceof Source source) {
                source.topicSet()
                        .forEach(topic ->
                                source.successors().forEach(next -> lines.add(arrow(topic(topic), box(next.name())))));
            } else if (node instanceof Processor processor) {
                processor
                        .stores()
                        .forEach(store -> lines.add("    " + store(store) + " <--> " + box(processor.name()) + "\n"));
                processor
                        .successors()
                        .forEach(next -> lines.add(arrow(
                                box(processor.name()),
                                next instanceof Sink sink ? topic(sink.topic()) : box(next.name()))));
            }
        }
    }

    private static String arrow(String from, String to) {
        return "    " + from + " --> " + to + "\n";
    }

    private static String topic(String name) {
        return "topic_" + name + "([" + name + "])";
    }

    private static String box(String name) {
        return "processor_" + name + "[" + name + "]";
    }

    private static String store(String name) {
        return "store_" + name + "[(" + name + ")]";
    }
}

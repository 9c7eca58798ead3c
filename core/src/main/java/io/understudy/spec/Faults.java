package io.understudy.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the faults of one document, each with its path and its line. Mutable, for one thread. */
final class Faults {

    private static final int MAX_PATH_LENGTH = 300;

    private final Map<String, Integer> lines;
    private final List<String> messages = new ArrayList<>();

    private Faults(Map<String, Integer> lines) {
        this.lines = lines;
    }

    /** No faults yet, for {@code text}, which {@code mapper} can parse. */
    static Faults none(String text, ObjectMapper mapper) throws IOException {
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = mapper.createParser(text)) {
            indexLines(parser, lines);
        }
        return new Faults(lines);
    }

    /** Records the line on which each path begins. */
    private static void indexLines(JsonParser parser, Map<String, Integer> lines) throws IOException {
        Deque<String> containers = new ArrayDeque<>();
        Deque<Integer> indices = new ArrayDeque<>();
        String path = "";
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.FIELD_NAME) {
                String parent = containers.element();
                path = parent.isEmpty() ? parser.currentName() : parent + "." + parser.currentName();
                lines.put(path, parser.currentTokenLocation().getLineNr());
                continue;
            }
            if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
                containers.pop();
                indices.pop();
                continue;
            }
            if (!indices.isEmpty() && indices.element() >= 0) {
                path = containers.element() + "[" + indices.element() + "]";
                lines.put(path, parser.currentTokenLocation().getLineNr());
                indices.push(indices.pop() + 1);
            }
            if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
                containers.push(path);
                indices.push(token == JsonToken.START_ARRAY ? 0 : -1);
            }
        }
    }

    /**
     * Adds a fault at {@code path}. Its line is that of the path or, when the path is missing, of its closest parent.
     */
    void add(String path, String message) {
        String shown = path.isEmpty()
                ? "the document"
                : path.length() <= MAX_PATH_LENGTH ? path : path.substring(0, MAX_PATH_LENGTH) + "...";
        String place = path;
        while (!place.isEmpty() && !lines.containsKey(place)) {
            place = place.substring(0, Math.max(0, Math.max(place.lastIndexOf('.'), place.lastIndexOf('['))));
        }
        messages.add(shown + ": " + message + (place.isEmpty() ? "" : " (line " + lines.get(place) + ")"));
    }

    /** Every fault as {@code path: message (line n)}, in the order in which they were added. */
    List<String> messages() {
        return messages;
    }
}

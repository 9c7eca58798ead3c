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

/** The faults of one text, each with its path and the line it is on. */
final class Faults {

    private final Map<String, Integer> lines;
    private final List<String> found = new ArrayList<>();

    private Faults(Map<String, Integer> lines) {
        this.lines = lines;
    }

    /** No fault yet, of a text that {@code mapper} can parse. */
    static Faults in(String text, ObjectMapper mapper) throws IOException {
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = mapper.createParser(text)) {
            index(parser, lines);
        }
        return new Faults(lines);
    }

    /** Notes on which line each path begins. */
    private static void index(JsonParser parser, Map<String, Integer> lines) throws IOException {
        Deque<String> containers = new ArrayDeque<>();
        Deque<Integer> indices = new ArrayDeque<>();
        String next = "";
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.FIELD_NAME) {
                String parent = containers.peek();
                next = parent.isEmpty() ? parser.currentName() : parent + "." + parser.currentName();
                lines.put(next, parser.currentTokenLocation().getLineNr());
                continue;
            }
            if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
                containers.pop();
                indices.pop();
                continue;
            }
            if (!indices.isEmpty() && indices.peek() >= 0) {
                next = containers.peek() + "[" + indices.peek() + "]";
                lines.put(next, parser.currentTokenLocation().getLineNr());
                indices.push(indices.pop() + 1);
            }
            if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
                containers.push(next);
                indices.push(token == JsonToken.START_ARRAY ? 0 : -1);
            }
        }
    }

    /** Notes a fault at {@code path}; the line is that of the path, or of what it would have to be in. */
    void add(String path, String message) {
        String shown = path.isEmpty() ? "the document" : path;
        String place = path;
        while (!place.isEmpty() && !lines.containsKey(place)) {
            place = place.substring(0, Math.max(0, Math.max(place.lastIndexOf('.'), place.lastIndexOf('['))));
        }
        found.add(shown + ": " + message + (place.isEmpty() ? "" : " (line " + lines.get(place) + ")"));
    }

    List<String> found() {
        return found;
    }
}

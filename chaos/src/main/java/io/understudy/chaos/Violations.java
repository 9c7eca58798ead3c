package io.understudy.chaos;

import java.util.ArrayList;
import java.util.List;

/** What must never happen and did. Safe for several threads. */
final class Violations {

    private static final int MAX_TEXTS = 200;

    private final List<String> texts = new ArrayList<>();
    private long count;

    synchronized void add(String text) {
        count++;
        if (texts.size() < MAX_TEXTS) {
            texts.add(text);
        }
    }

    /** The number of violations. */
    synchronized long count() {
        return count;
    }

    /** The first violations, one sentence each. */
    synchronized List<String> texts() {
        return List.copyOf(texts);
    }
}

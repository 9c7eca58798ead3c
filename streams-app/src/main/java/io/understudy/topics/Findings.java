package io.understudy.topics;

import java.util.ArrayList;
import java.util.List;

/**
 * What is not as it should be.
 *
 * @param faults why a role does not start, one sentence each
 * @param differences settings with which roles work, but which should be changed, one sentence each
 * @param warnings what no command of Understudy can change, one sentence each
 */
public record Findings(List<String> faults, List<String> differences, List<String> warnings) {

    public Findings {
        faults = List.copyOf(faults);
        differences = List.copyOf(differences);
        warnings = List.copyOf(warnings);
    }

    /** Findings that are only faults. */
    public static Findings faults(List<String> faults) {
        return new Findings(faults, List.of(), List.of());
    }

    /** These findings and those of {@code other}. */
    public Findings and(Findings other) {
        return new Findings(
                concat(faults, other.faults), concat(differences, other.differences), concat(warnings, other.warnings));
    }

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}

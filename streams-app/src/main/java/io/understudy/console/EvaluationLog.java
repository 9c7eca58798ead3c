package io.understudy.console;

import io.understudy.schema.RolloutEvaluation;
import io.understudy.streams.AvroBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The evaluations of one rollout, oldest first. A rollout that runs for weeks has more evaluations than a chart can
 * show or a process should hold. When there are more than {@link #MAX_EVALUATIONS}, every second evaluation of the
 * older half is dropped, so recent evaluations stay denser. For one thread at a time.
 */
final class EvaluationLog {

    /** Maximum number of evaluations of one rollout. */
    static final int MAX_EVALUATIONS = 600;

    private record Entry(Instant windowEnd, byte[] bytes) {}

    private List<Entry> entries = new ArrayList<>();

    void add(RolloutEvaluation evaluation) {
        entries.add(new Entry(evaluation.getWindowEnd(), AvroBytes.encode(RolloutEvaluation.getEncoder(), evaluation)));
        if (entries.size() > MAX_EVALUATIONS) {
            thinOut();
        }
    }

    private void thinOut() {
        List<Entry> remaining = new ArrayList<>(MAX_EVALUATIONS);
        for (int i = 0; i < entries.size(); i++) {
            if (i >= entries.size() / 2 || i % 2 == 0) {
                remaining.add(entries.get(i));
            }
        }
        entries = remaining;
    }

    /** The evaluations of windows that ended after {@code since}. */
    List<RolloutEvaluation> since(Instant since) {
        return entries.stream()
                .filter(entry -> entry.windowEnd().isAfter(since))
                .map(EvaluationLog::decode)
                .toList();
    }

    Optional<RolloutEvaluation> last() {
        return entries.isEmpty() ? Optional.empty() : Optional.of(decode(entries.get(entries.size() - 1)));
    }

    private static RolloutEvaluation decode(Entry entry) {
        return AvroBytes.decode(RolloutEvaluation.getDecoder(), entry.bytes());
    }
}

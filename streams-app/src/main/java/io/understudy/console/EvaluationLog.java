package io.understudy.console;

import io.understudy.schema.RolloutEvaluation;
import io.understudy.streams.AvroBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One rollout's evaluations, oldest first. A rollout that goes on for weeks has more than a chart can show or a process should hold:
 * past {@link #MOST} every second one of the older half is dropped, so what is newer is kept more closely. For one thread at a time.
 */
final class EvaluationLog {

    /** Evaluations of one rollout that are kept. */
    static final int MOST = 600;

    private record Kept(Instant windowEnd, byte[] bytes) {}

    private List<Kept> kept = new ArrayList<>();

    void add(RolloutEvaluation evaluation) {
        kept.add(new Kept(evaluation.getWindowEnd(), AvroBytes.encode(RolloutEvaluation.getEncoder(), evaluation)));
        if (kept.size() > MOST) {
            thin();
        }
    }

    private void thin() {
        List<Kept> thinned = new ArrayList<>(MOST);
        for (int i = 0; i < kept.size(); i++) {
            if (i >= kept.size() / 2 || i % 2 == 0) {
                thinned.add(kept.get(i));
            }
        }
        kept = thinned;
    }

    /** The evaluations of windows that ended after {@code since}. */
    List<RolloutEvaluation> since(Instant since) {
        return kept.stream()
                .filter(one -> one.windowEnd().isAfter(since))
                .map(EvaluationLog::decode)
                .toList();
    }

    Optional<RolloutEvaluation> last() {
        return kept.isEmpty() ? Optional.empty() : Optional.of(decode(kept.get(kept.size() - 1)));
    }

    private static RolloutEvaluation decode(Kept one) {
        return AvroBytes.decode(RolloutEvaluation.getDecoder(), one.bytes());
    }
}

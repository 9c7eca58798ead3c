package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The number of requests of each arm, and how many of them are an observation of each metric whose coverage counts, by
 * bucket of their keys. Mutable, for one thread.
 */
public final class RequestCounts {

    /** The positions in the stage's metrics of those that are counted. */
    private final List<Integer> metrics;

    /** The requests, and those that are an observation of each metric. */
    private final List<BucketedRequests> counts;

    private RequestCounts(List<Integer> metrics, boolean counted) {
        this.metrics = metrics;
        this.counts = Stream.generate(BucketedRequests::new)
                .limit(counted ? 1L + metrics.size() : 0)
                .toList();
    }

    /** Nothing yet; counts requests alone. */
    public static RequestCounts withoutObservations() {
        return new RequestCounts(List.of(), true);
    }

    /**
     * Nothing yet; counts requests, and observations of each metric of the stage that decides and needs an outcome.
     * Without such a metric it counts nothing.
     */
    public static RequestCounts withObservations(StagePlan stage) {
        List<Integer> metrics = metrics(stage);
        return new RequestCounts(metrics, !metrics.isEmpty());
    }

    /** The positions in the stage's metrics of those whose coverage counts. */
    static List<Integer> metrics(StagePlan stage) {
        return IntStream.range(0, stage.isFull() ? 0 : stage.metrics().size())
                .filter(i -> isCounted(stage.metrics().get(i)))
                .boxed()
                .toList();
    }

    private static boolean isCounted(MetricSpec metric) {
        return metric.decides() && metric.kind().needsOutcome();
    }

    /** Counts a request. */
    public void request(Arm arm, int bucket) {
        if (!counts.isEmpty()) {
            counts.get(0).add(arm, bucket, 1);
        }
    }

    /** Counts an observation of metric {@code metric} of the stage, of a request that was counted. */
    public void observation(int metric, Arm arm, int bucket) {
        int position = metrics.indexOf(metric);
        if (position >= 0) {
            counts.get(1 + position).add(arm, bucket, 1);
        }
    }

    /** Counts requests, each of them an observation of every metric. */
    void observed(Arm arm, long requests) {
        counts.forEach(each -> each.add(arm, 0, requests));
    }

    /** Adds all requests of {@code other}. */
    public void addAll(RequestCounts other) {
        for (int i = 0; i < counts.size(); i++) {
            counts.get(i).addAll(other.counts.get(i));
        }
    }

    /** Whether there are no requests. */
    public boolean isEmpty() {
        return counts.stream().allMatch(BucketedRequests::isEmpty);
    }

    List<BucketedRequests> counts() {
        return counts;
    }
}

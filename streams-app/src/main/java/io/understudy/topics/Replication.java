package io.understudy.topics;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The copies of each partition.
 *
 * @param brokers number of brokers of the cluster, those that are down included
 * @param factor copies of each partition; empty: the cluster's default
 * @param minInSync copies that must have a record before it counts as written; empty: the cluster's default
 */
record Replication(int brokers, Optional<Short> factor, Optional<Integer> minInSync) {

    /** With three copies, of which two must have each record, a broker can fail and nothing stops or is lost. */
    private static final short COPIES = 3;

    private static final int MIN_IN_SYNC = 2;

    /**
     * The copies for a cluster of {@code brokers}.
     *
     * @param chosen copies that the settings ask for; empty: three where there are three brokers, otherwise the
     * cluster's default
     */
    static Replication of(int brokers, Optional<Short> chosen) {
        Optional<Short> factor = chosen.or(() -> brokers >= COPIES ? Optional.of(COPIES) : Optional.empty());
        return new Replication(
                brokers, factor, factor.filter(copies -> copies >= COPIES).map(copies -> MIN_IN_SYNC));
    }

    /** Asks the cluster for the number of its brokers. */
    static Replication of(Admin admin, Optional<Short> chosen) throws InterruptedException, ExecutionException {
        // A broker that is down now will be back, and its topics should have all their copies.
        DescribeClusterOptions options = new DescribeClusterOptions().includeFencedBrokers(true);
        return of(admin.describeCluster(options).nodes().get().size(), chosen);
    }

    /** The copies that a topic should have: as many as the settings ask for, otherwise three. */
    short wanted() {
        return factor.orElse(COPIES);
    }

    /** What must hold for the settings of a topic with {@code copies} of each partition. */
    List<ConfigRule> rules(int copies) {
        return minInSync
                .filter(minimum -> copies >= COPIES)
                .map(minimum -> List.of(ConfigRule.atLeast(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, minimum)
                        .advised()))
                .orElse(List.of());
    }
}

package io.understudy.topics;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.GroupState;

/** Carries out a {@link PartitionPlan}. Carried out again, it goes on where it was stopped. */
public final class PartitionRaise {

    /** How long the brokers may take to tell clients of new partitions. */
    private static final Duration VISIBLE = Duration.ofSeconds(30);

    private static final Set<GroupState> WITHOUT_MEMBERS = Set.of(GroupState.EMPTY, GroupState.DEAD);

    private final Admin admin;

    /** The client remains the caller's. */
    public PartitionRaise(Admin admin) {
        this.admin = admin;
    }

    /**
     * The groups of the plan that have members, with their states. While a group has members, its tasks are those of the
     * old number of partitions, and they would fail.
     */
    public Map<String, String> activeGroups(PartitionPlan plan) throws InterruptedException, ExecutionException {
        Map<String, String> active = new TreeMap<>();
        for (GroupListing group : admin.listGroups().all().get()) {
            if (plan.groups().contains(group.groupId())) {
                group.groupState()
                        .filter(state -> !WITHOUT_MEMBERS.contains(state))
                        .ifPresent(state -> active.put(group.groupId(), state.toString()));
            }
        }
        return active;
    }

    /** Raises the partitions of one topic after the other, and reports each. Waits until clients can see all of them. */
    public void carryOut(PartitionPlan plan, Consumer<PartitionPlan.Step> done)
            throws InterruptedException, ExecutionException {
        for (PartitionPlan.Step step : plan.steps()) {
            admin.createPartitions(Map.of(step.topic(), NewPartitions.increaseTo(step.to())))
                    .all()
                    .get();
            done.accept(step);
        }
        long giveUpAt = System.nanoTime() + VISIBLE.toNanos();
        while (!isVisible(plan)) {
            if (System.nanoTime() > giveUpAt) {
                throw new IllegalStateException("the brokers do not show the new partitions yet; check them with"
                        + " 'understudy topics' before you start the roles");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private boolean isVisible(PartitionPlan plan) throws InterruptedException, ExecutionException {
        List<String> names =
                plan.steps().stream().map(PartitionPlan.Step::topic).toList();
        var descriptions = admin.describeTopics(names).allTopicNames().get();
        return plan.steps().stream()
                .allMatch(step -> descriptions.containsKey(step.topic())
                        && descriptions.get(step.topic()).partitions().size() >= step.to());
    }
}

package io.understudy.access;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a principal needs and may not do, and says so with the operation, the resource and the command that grants
 * it. The exceptions of Kafka's clients do not name the operation.
 */
public final class PermissionCheck {

    /** A name with each prefix, of a resource that need not exist. */
    private static final String EXAMPLE = "preflight";

    private final String principal;
    private final List<Permission> needed;

    /**
     * A check.
     *
     * @param principal the principal that the process connects as, such as {@code User:router}; empty where only the
     * broker knows it
     * @param needed what it needs
     */
    public PermissionCheck(Optional<String> principal, Collection<Permission> needed) {
        this.principal = principal.orElse("User:...");
        this.needed = List.copyOf(needed);
    }

    /**
     * Asks the cluster what the principal may do.
     *
     * @return a sentence for each missing permission to read, write or create; empty when there are none, and on a
     * cluster without access control
     */
    public List<String> faults(Admin admin) throws InterruptedException, ExecutionException {
        List<Permission> used = needed.stream().filter(Permission::isForUse).toList();
        List<String> faults = new ArrayList<>();
        faults.addAll(missing(used, ResourceType.TOPIC, false, names -> describedTopics(admin, names)));
        faults.addAll(missing(used, ResourceType.TOPIC, true, names -> creatableTopics(admin, names)));
        faults.addAll(
                missing(existing(admin, used), ResourceType.TOPIC, false, names -> describedTopics(admin, names)));
        faults.addAll(missing(used, ResourceType.GROUP, false, names -> describedGroups(admin, names)));
        faults.addAll(missing(used, ResourceType.GROUP, true, names -> describedGroups(admin, names)));
        faults.addAll(missing(used, ResourceType.TRANSACTIONAL_ID, true, names -> describedIds(admin, names)));
        return faults;
    }

    /** The internal topics that exist already: only of those can the cluster say what else may be done with them. */
    private static List<Permission> existing(Admin admin, List<Permission> used)
            throws InterruptedException, ExecutionException {
        Set<String> names = admin.listTopics().names().get();
        return used.stream()
                .filter(Permission::isPrefixed)
                .flatMap(permission -> names.stream()
                        .filter(name -> permission.isFor(ResourceType.TOPIC, name))
                        .map(name -> new Permission(
                                new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL),
                                permission.operations())))
                .toList();
    }

    /** Asks for what is allowed on each resource; null where that is not known. */
    private interface Question {
        Map<String, KafkaFuture<@Nullable Set<AclOperation>>> ask(Set<String> names);
    }

    private List<String> missing(List<Permission> used, ResourceType type, boolean prefixed, Question question)
            throws InterruptedException, ExecutionException {
        Map<String, Permission> byName = used.stream()
                .filter(permission -> permission.resource().resourceType() == type)
                .filter(permission -> permission.isPrefixed() == prefixed)
                .collect(Collectors.toMap(
                        permission -> permission.resource().name() + (prefixed ? EXAMPLE : ""),
                        Function.identity(),
                        PermissionCheck::both));
        List<String> faults = new ArrayList<>();
        if (byName.isEmpty()) {
            return faults;
        }
        var answers = question.ask(byName.keySet());
        for (String name : new TreeSet<>(byName.keySet())) {
            Permission permission = Objects.requireNonNull(byName.get(name));
            Set<AclOperation> missing = new TreeSet<>(permission.operations());
            missing.removeAll(allowed(Objects.requireNonNull(answers.get(name)), permission));
            if (!missing.isEmpty()) {
                faults.add(fault(new Permission(permission.resource(), missing)));
            }
        }
        return faults;
    }

    /** Two roles of one process may use the same resource. */
    private static Permission both(Permission one, Permission other) {
        Set<AclOperation> operations = new TreeSet<>(one.operations());
        operations.addAll(other.operations());
        return new Permission(one.resource(), operations);
    }

    private static Set<AclOperation> allowed(KafkaFuture<@Nullable Set<AclOperation>> answer, Permission permission)
            throws InterruptedException, ExecutionException {
        try {
            Set<AclOperation> allowed = answer.get();
            return allowed == null ? permission.operations() : allowed;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return Set.of();
            }
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof TopicExistsException
                    || e.getCause() instanceof InvalidReplicationFactorException
                    || e.getCause() instanceof GroupIdNotFoundException
                    || e.getCause() instanceof TransactionalIdNotFoundException) {
                // The cluster only says so to those who may ask. Missing topics are reported by TopicAdmin.
                return permission.operations();
            }
            throw e;
        }
    }

    private static Map<String, KafkaFuture<@Nullable Set<AclOperation>>> describedTopics(
            Admin admin, Set<String> names) {
        return map(
                admin.describeTopics(names, new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .topicNameValues(),
                TopicDescription::authorizedOperations);
    }

    private static Map<String, KafkaFuture<@Nullable Set<AclOperation>>> creatableTopics(
            Admin admin, Set<String> names) {
        return map(
                admin.createTopics(
                                names.stream()
                                        .map(name -> new NewTopic(name, Optional.of(1), Optional.empty()))
                                        .toList(),
                                new CreateTopicsOptions().validateOnly(true))
                        .values(),
                created -> null);
    }

    private static Map<String, KafkaFuture<@Nullable Set<AclOperation>>> describedGroups(
            Admin admin, Set<String> names) {
        return map(
                admin.describeConsumerGroups(
                                names, new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                        .describedGroups(),
                ConsumerGroupDescription::authorizedOperations);
    }

    private static Map<String, KafkaFuture<@Nullable Set<AclOperation>>> describedIds(Admin admin, Set<String> names) {
        var described = admin.describeTransactions(names);
        return names.stream()
                .collect(Collectors.toMap(
                        Function.identity(), name -> described.description(name).thenApply(description -> null)));
    }

    private static <T> Map<String, KafkaFuture<@Nullable Set<AclOperation>>> map(
            Map<String, KafkaFuture<T>> futures, Function<T, @Nullable Set<AclOperation>> operations) {
        return futures.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, future -> future.getValue().thenApply(operations::apply)));
    }

    private String fault(Permission missing) {
        return principal + " may not " + String.join(" or ", missing.operationNames()) + " the " + name(missing)
                + "; grant it with: " + missing.command(principal);
    }

    private static String name(Permission permission) {
        return permission.kind()
                + (permission.isPrefixed() ? "s that begin with " : " ")
                + permission.resource().name();
    }

    /**
     * Says what a refusal of the cluster was about: the resource, and the operations that are needed on it.
     *
     * @return empty when {@code failure} and its causes are no refusal
     */
    public Optional<String> explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TopicAuthorizationException topics) {
                return Optional.of(refusal(
                        topics,
                        topics.unauthorizedTopics().stream().sorted(),
                        (permission, name) -> permission.isFor(ResourceType.TOPIC, name)));
            }
            if (cause instanceof GroupAuthorizationException group && group.groupId() != null) {
                return Optional.of(refusal(
                        group,
                        Stream.of(group.groupId()),
                        (permission, name) -> permission.isFor(ResourceType.GROUP, name)));
            }
            if (cause instanceof TransactionalIdAuthorizationException id) {
                return Optional.of(refusal(
                        id,
                        Stream.of("transactional id"),
                        (permission, name) -> permission.resource().resourceType() == ResourceType.TRANSACTIONAL_ID));
            }
            if (cause instanceof AuthorizationException) {
                return Optional.of(principal + " is not authorized: " + cause.getMessage());
            }
        }
        return Optional.empty();
    }

    private String refusal(
            AuthorizationException failure, Stream<String> names, BiPredicate<Permission, String> matches) {
        String needs = names.flatMap(name -> needed.stream().filter(permission -> matches.test(permission, name)))
                .distinct()
                .map(permission -> String.join(" and ", permission.operationNames()) + " on the " + name(permission))
                .collect(Collectors.joining("; "));
        return principal + " is not authorized: " + failure.getMessage()
                + (needs.isEmpty() ? "" : "; it needs " + needs);
    }
}

package io.understudy.access;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;

/**
 * Which party of an installation needs which permissions on a cluster with access control: no more than what it uses.
 * A role also needs DESCRIBE_CONFIGS on its topics, because it checks their settings before it starts.
 */
public final class Permissions {

    private final Topics topics;

    /** The permissions of the installation that has {@code topics}. */
    public Permissions(Topics topics) {
        this.topics = topics;
    }

    /** The permissions that {@code party} needs, in the order of the documents. */
    public List<Permission> of(Party party) {
        return all(party).toList();
    }

    /** The topics that {@code party} reads. */
    public List<Topic> read(Party party) {
        return topics(party, READ);
    }

    /** The topics that {@code party} writes. */
    public List<Topic> written(Party party) {
        return topics(party, WRITE);
    }

    private List<Topic> topics(Party party, AclOperation operation) {
        List<Permission> permissions = of(party);
        return topics.all().stream()
                .filter(topic -> permissions.stream()
                        .anyMatch(permission -> permission.isFor(TOPIC, topic.name())
                                && permission.operations().contains(operation)))
                .toList();
    }

    private Stream<Permission> all(Party party) {
        return switch (party) {
            case ROUTER ->
                join(
                        checked(
                                READ,
                                topics.predictionRequests(),
                                topics.candidatePredictions(),
                                topics.rolloutState()),
                        topics(topics.laneRequests(), WRITE, DESCRIBE_CONFIGS),
                        checked(WRITE, topics.predictions(), topics.rolloutCommands(), topics.deadLetters()),
                        application(party));
            case SCORER ->
                join(
                        topics(topics.laneRequests(), READ, DESCRIBE_CONFIGS),
                        checked(READ, topics.rolloutState()),
                        checked(WRITE, topics.predictions(), topics.candidatePredictions(), topics.deadLetters()),
                        Stream.of(
                                Permission.prefixed(GROUP, ids(party), READ),
                                Permission.prefixed(TRANSACTIONAL_ID, ids(party), WRITE)));
            case CONTROLLER ->
                join(
                        checked(READ, topics.rolloutCommands(), topics.rolloutEvaluations()),
                        checked(WRITE, topics.rolloutState(), topics.rolloutEvents(), topics.deadLetters()),
                        application(party));
            case EVALUATOR ->
                join(
                        checked(
                                READ,
                                topics.predictions(),
                                topics.candidatePredictions(),
                                topics.outcomes(),
                                topics.rolloutState()),
                        checked(WRITE, topics.rolloutEvaluations(), topics.deadLetters()),
                        // Kafka Streams deletes the records of a repartition topic once they were read.
                        application(party, DELETE));
            case CONSOLE ->
                join(
                        checked(READ, topics.rolloutState(), topics.rolloutEvents(), topics.rolloutEvaluations()),
                        checked(WRITE, topics.rolloutCommands()),
                        lags());
            case NOTIFIER ->
                join(checked(READ, topics.rolloutEvents()), Stream.of(Permission.prefixed(GROUP, ids(party), READ)));
            case UPSTREAM -> topics(List.of(topics.predictionRequests()), WRITE);
            case OUTCOME_SOURCES -> topics(List.of(topics.outcomes()), WRITE);
            case DOWNSTREAM ->
                join(
                        topics(List.of(topics.predictions()), READ),
                        Stream.of(Permission.prefixed(GROUP, "downstream-", READ)));
            case EXTERNAL_SCORERS ->
                join(
                        topics(topics.laneRequests(), READ),
                        topics(List.of(topics.predictions(), topics.candidatePredictions()), WRITE),
                        Stream.of(
                                Permission.prefixed(GROUP, "external-scorer-", READ),
                                Permission.prefixed(TRANSACTIONAL_ID, "external-scorer-", WRITE)));
            case OPERATORS ->
                join(
                        topics(
                                List.of(
                                        topics.rolloutState(),
                                        topics.rolloutEvents(),
                                        topics.rolloutEvaluations(),
                                        topics.deadLetters()),
                                READ),
                        topics(List.of(topics.rolloutCommands()), WRITE));
            case ADMINISTRATORS ->
                join(
                        topics(topics.all(), CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER, ALTER_CONFIGS),
                        Stream.of(
                                Permission.prefixed(
                                        TOPIC,
                                        topics.applications(),
                                        CREATE,
                                        DESCRIBE,
                                        DESCRIBE_CONFIGS,
                                        ALTER,
                                        ALTER_CONFIGS),
                                // Partitions are raised while routers and evaluators are stopped.
                                Permission.prefixed(GROUP, topics.applications(), DESCRIBE)));
        };
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // The parts are only read.
    private static Stream<Permission> join(Stream<Permission>... parts) {
        Stream<Permission> joined = Stream.empty();
        for (Stream<Permission> part : parts) {
            joined = Stream.concat(joined, part);
        }
        return joined;
    }

    private static Stream<Permission> topics(List<Topic> topics, AclOperation first, AclOperation... more) {
        return topics.stream().map(topic -> Permission.literal(TOPIC, topic.name(), first, more));
    }

    private static Stream<Permission> checked(AclOperation operation, Topic... topics) {
        return topics(List.of(topics), operation, DESCRIBE_CONFIGS);
    }

    /** What Kafka Streams needs: its internal topics, its group, and its transactional ids. */
    private Stream<Permission> application(Party role, AclOperation... more) {
        List<AclOperation> operations = new ArrayList<>(List.of(more));
        operations.addAll(List.of(WRITE, CREATE));
        return Stream.of(
                Permission.prefixed(TOPIC, ids(role), READ, operations.toArray(AclOperation[]::new)),
                Permission.literal(GROUP, topics.application(role.code()), READ),
                Permission.prefixed(TRANSACTIONAL_ID, ids(role), WRITE));
    }

    /** What the console needs to measure how far the roles are behind. */
    private Stream<Permission> lags() {
        return Stream.concat(
                Stream.concat(
                        topics(
                                List.of(
                                        topics.predictionRequests(),
                                        topics.predictions(),
                                        topics.candidatePredictions(),
                                        topics.outcomes()),
                                DESCRIBE),
                        topics(topics.laneRequests(), DESCRIBE)),
                Stream.of(
                        Permission.prefixed(TOPIC, topics.applications(), DESCRIBE),
                        Permission.prefixed(GROUP, topics.applications(), DESCRIBE)));
    }

    private String ids(Party role) {
        return topics.application(role.code()) + "-";
    }
}

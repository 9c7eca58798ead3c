package io.understudy.access;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What a principal may do with one resource of the cluster, or with all whose names begin alike.
 *
 * @param resource what may be used: by its whole name (LITERAL) or by the beginning of its name (PREFIXED)
 * @param operations what may be done with it, without what other operations imply: READ and WRITE imply DESCRIBE
 */
public record Permission(ResourcePattern resource, Set<AclOperation> operations) {

    public Permission {
        operations = Set.copyOf(operations);
    }

    static Permission literal(ResourceType type, String name, AclOperation first, AclOperation... more) {
        return new Permission(new ResourcePattern(type, name, PatternType.LITERAL), EnumSet.of(first, more));
    }

    static Permission prefixed(ResourceType type, String name, AclOperation first, AclOperation... more) {
        return new Permission(new ResourcePattern(type, name, PatternType.PREFIXED), EnumSet.of(first, more));
    }

    boolean isFor(ResourceType type, String name) {
        return resource.resourceType() == type
                && (isPrefixed() ? name.startsWith(resource.name()) : name.equals(resource.name()));
    }

    /** Whether it is for all resources whose names begin with that of {@link #resource}. */
    public boolean isPrefixed() {
        return resource.patternType() == PatternType.PREFIXED;
    }

    /** Whether records or offsets can be read or written with it. The others are only for describing and creating. */
    boolean isForUse() {
        return operations.contains(AclOperation.READ) || operations.contains(AclOperation.WRITE);
    }

    /** The access control entries that grant it to {@code principal}, such as {@code User:router}, from any host. */
    public List<AclBinding> bindings(String principal) {
        return operations.stream()
                .map(operation -> new AclBinding(
                        resource, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)))
                .toList();
    }

    /** The command that grants it to {@code principal}. */
    public String command(String principal) {
        List<String> words = new ArrayList<>(List.of("kafka-acls", "--bootstrap-server", "BROKER:PORT"));
        words.addAll(List.of("--command-config", "admin.properties", "--add", "--allow-principal", principal));
        operationNames().forEach(name -> words.addAll(List.of("--operation", name)));
        if (isPrefixed()) {
            words.addAll(List.of("--resource-pattern-type", "prefixed"));
        }
        words.addAll(List.of(option(), resource.name()));
        return String.join(" ", words);
    }

    private String option() {
        return "--" + kind().replace(' ', '-');
    }

    /** The kind of the resource, for people: {@code topic}, {@code group} or {@code transactional id}. */
    public String kind() {
        return words(resource.resourceType().name())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    /** The names of the operations as {@code kafka-acls} has them, such as {@code DescribeConfigs}. */
    public List<String> operationNames() {
        return new TreeSet<>(operations)
                .stream()
                        .map(operation -> words(operation.name())
                                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining()))
                        .toList();
    }

    private static Stream<String> words(String constant) {
        return Stream.of(constant.split("_", -1));
    }
}

package io.understudy.docs;

import io.understudy.access.Party;
import io.understudy.access.Permission;
import io.understudy.access.Permissions;
import io.understudy.topics.Topics;
import java.util.stream.Collectors;

/** The page {@code docs/access.md}: what each role and everybody else needs on a cluster with access control. */
final class AccessPage {

    private AccessPage() {}

    static String render() {
        Permissions permissions = new Permissions(new Topics("", Topologies.MAX_REQUEST_BYTES));
        StringBuilder page = new StringBuilder("""
                # Access control

                This page is generated from the code by the module `topology-docs`. The build fails when the page differs from the code.
                `AccessControlIT` runs every role with these permissions and no others.

                Give each role, and each program beside it, a principal of its own. A role asks the cluster before it starts for what
                it needs and for nothing else. If something is missing, it does not start, and says who may not do what with which
                resource, and the command that allows it:

                ```text
                understudy: User:scorer may not Write the topic predictions; grant it with: kafka-acls ... --operation Write --topic predictions
                ```

                ## A process that logs in

                `kafka.*` applies to every Kafka client of the process. With SCRAM over TLS, the certificate of the cluster's authority
                as PEM, and the password in a file:

                ```properties
                kafka.bootstrap.servers=broker-1:9093,broker-2:9093,broker-3:9093
                kafka.security.protocol=SASL_SSL
                kafka.sasl.mechanism=SCRAM-SHA-512
                kafka.sasl.jaas.config-file=/run/secrets/scorer.jaas
                kafka.ssl.truststore.type=PEM
                kafka.ssl.truststore.location=/etc/understudy/authority.pem
                ```

                The file `scorer.jaas` has one line:

                ```text
                org.apache.kafka.common.security.scram.ScramLoginModule required username="scorer" password="...";
                ```

                A process with several roles has one principal, which needs the permissions of all of them.

                ## Who needs what

                The names are those without a `prefix`; with one, it comes before every topic, group and transactional id of Understudy.
                *begins with* stands for a prefixed entry (`--resource-pattern-type prefixed`), all others are literal. `Read` and
                `Write` imply `Describe`. Nobody needs a permission on the cluster itself. Groups and transactional ids that
                begin with `downstream-` and `external-scorer-` are examples: those programs choose their own.

                Upstream and the sources of outcomes are two parties. A program that is both needs both. A program that may write a
                topic may write for every deployment: Kafka does not look into records.

                """);
        for (Party party : Party.values()) {
            page.append("| **").append(party.code()).append("** | operations |\n|---|---|\n");
            permissions.of(party).forEach(permission -> page.append(row(permission)));
            page.append('\n');
        }
        page.append("""
                The console needs `Describe` alone to measure how far the roles are behind (`understudy_lag`). Without it, the console
                works, and the lags that it may not see are missing.

                ## As commands

                Replace `User:router` and so on by your principals.
                """);
        for (Party party : Party.values()) {
            page.append("\n### ").append(title(party)).append("\n\n```text\n");
            String principal = "User:" + party.code().replace(' ', '-');
            permissions
                    .of(party)
                    .forEach(permission ->
                            page.append(permission.command(principal)).append('\n'));
            page.append("```\n");
        }
        page.append("""

                ## The schema registry

                `registry.*` applies to the registry's client, under Confluent's names: `registry.basic.auth.credentials.source=USER_INFO`
                with `registry.basic.auth.user.info-file=FILE` (a file with `NAME:PASSWORD`), or `registry.ssl.truststore.location` and
                so on for TLS. Where the registry has access control of its own:

                | who | what |
                |---|---|
                | roles, operators, external scorers, downstream | read the subjects `TOPIC-value` of the topics that they read or write, their schemas by id, and their compatibility |
                | upstream and outcome sources | read the subject of the topic that they write |
                | administrators | besides, register versions and set the compatibility of every subject |

                No role registers a schema.
                """);
        return page.toString();
    }

    private static String title(Party party) {
        return "For " + party.code();
    }

    private static String row(Permission permission) {
        return "| %s%s `%s` | %s |\n"
                .formatted(
                        permission.kind(),
                        permission.isPrefixed() ? " begins with" : "",
                        permission.resource().name(),
                        permission.operationNames().stream().collect(Collectors.joining(", ")));
    }
}

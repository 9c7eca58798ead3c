package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicationTest {

    private static final Optional<Short> DEFAULT = Optional.empty();

    @Test
    void threeBrokersKeepThreeCopiesOfWhichTwoMustHaveARecord() {
        Replication replication = Replication.of(3, DEFAULT);
        assertThat(replication.factor()).contains((short) 3);
        assertThat(replication.minInSync()).contains(2);
        assertThat(replication.rules(3))
                .containsExactly(ConfigRule.atLeast("min.insync.replicas", 2).advised());
        assertThat(Replication.of(9, DEFAULT)).extracting(Replication::factor).isEqualTo(Optional.of((short) 3));
    }

    @Test
    void fewerBrokersUseTheDefaultOfTheClusterAndWarn() {
        Replication replication = Replication.of(1, DEFAULT);
        assertThat(replication.factor()).isEmpty();
        assertThat(replication.minInSync()).isEmpty();
        assertThat(ReplicationCheck.warnings(replication, Map.of("predictions", 1)))
                .singleElement()
                .asString()
                .startsWith("the cluster has 1 broker, so topics cannot have 3 copies");
    }

    @Test
    void aSettingDecides() {
        assertThat(Replication.of(5, Optional.of((short) 1)).factor()).contains((short) 1);
        assertThat(Replication.of(5, Optional.of((short) 1)).minInSync()).isEmpty();
        assertThat(ReplicationCheck.warnings(Replication.of(5, Optional.of((short) 1)), Map.of("predictions", 1)))
                .as("as chosen")
                .isEmpty();
        assertThat(Replication.of(5, Optional.of((short) 5)).minInSync()).contains(2);
    }

    @Test
    void topicsWithFewerCopiesAreNamed() {
        assertThat(ReplicationCheck.warnings(
                        Replication.of(3, DEFAULT), Map.of("predictions", 1, "outcomes", 2, "rollout-state", 3)))
                .singleElement()
                .asString()
                .contains("fewer than 3 copies")
                .endsWith("{outcomes=2, predictions=1}");
    }

    /** With two copies, one broker that fails would stop every writer. */
    @Test
    void topicsWithTwoCopiesNeedNotHaveBoth() {
        assertThat(Replication.of(3, DEFAULT).rules(2)).isEmpty();
    }
}

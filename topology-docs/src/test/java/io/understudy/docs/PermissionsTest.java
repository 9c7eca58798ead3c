package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.access.Party;
import io.understudy.access.Permissions;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PermissionsTest {

    private final Topics topics = new Topics("", Topologies.MAX_REQUEST_BYTES);
    private final Permissions permissions = new Permissions(topics);
    private final Flows flows = Flows.of(topics);

    @ParameterizedTest
    @EnumSource(names = {"ROUTER", "CONTROLLER", "EVALUATOR"})
    void aStreamsRoleMayReadAndWriteWhatItsTopologyDoesAndNothingElse(Party role) {
        List<Topic> read = new ArrayList<>(topics(role, (topic, flow) -> flow.readers(topic)));
        if (role == Party.CONTROLLER) {
            // Beside the topology: what programs say now, not what they once said.
            read.add(topics.modelReadiness());
        }
        assertThat(permissions.read(role)).containsExactlyInAnyOrderElementsOf(read);
        assertThat(permissions.written(role)).isEqualTo(topics(role, (topic, flow) -> flow.writers(topic)));
    }

    private List<Topic> topics(Party role, BiFunction<Topic, Flows, Set<String>> parties) {
        return topics.all().stream()
                .filter(topic -> parties.apply(topic, flows).contains(role.code()))
                .toList();
    }

    @Test
    void somebodyMayReadAndSomebodyMayWriteEachTopic() {
        assertThat(topics.all()).allSatisfy(topic -> {
            assertThat(flows.readers(topic)).isNotEmpty();
            assertThat(flows.writers(topic)).isNotEmpty();
        });
    }
}

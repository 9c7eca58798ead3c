package io.understudy.runtime;

import io.understudy.control.ControlTopology;
import io.understudy.evaluation.EvaluationTopology;
import io.understudy.routing.RoutingTopology;
import io.understudy.topics.InternalTopic;
import java.util.Collection;
import java.util.List;

/** The topics in which Kafka Streams keeps what belongs to one role alone. */
public final class InternalTopics {

    private InternalTopics() {}

    /** The internal topics of {@code roles}. */
    public static List<InternalTopic> of(Settings settings, Collection<RoleName> roles) {
        return roles.stream().flatMap(role -> of(settings, role).stream()).toList();
    }

    private static List<InternalTopic> of(Settings settings, RoleName role) {
        String application = settings.topics().application(role.code());
        return switch (role) {
            case ROUTER -> RoutingTopology.internalTopics(application, settings.maxRecordBytes());
            case CONTROLLER -> ControlTopology.internalTopics(application, settings.maxRecordBytes());
            case EVALUATOR -> EvaluationTopology.internalTopics(application, StreamsRole.MAX_EVIDENCE_BYTES);
            case SCORER, CONSOLE, NOTIFIER -> List.of();
        };
    }
}

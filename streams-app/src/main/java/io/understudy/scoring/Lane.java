package io.understudy.scoring;

import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A lane: a topic with requests for models, the consumer group that scores them, and the topic for the answers. There
 * is one for existing models and one for candidates, and such a pair for each name in the setting {@code lanes}.
 *
 * @param isExisting whether existing models answer its requests, and not candidates
 * @param name name of the pair; empty for the default lanes
 */
public record Lane(boolean isExisting, Optional<String> name) implements Comparable<Lane> {

    /** The lane of the existing models that name no other. */
    public static final Lane EXISTING = new Lane(true, Optional.empty());

    /** The lane of the candidates that name no other. */
    public static final Lane CANDIDATE = new Lane(false, Optional.empty());

    /** The default lanes, and the pairs with {@code names}. */
    public static List<Lane> all(Collection<String> names) {
        List<Lane> lanes = new ArrayList<>(List.of(EXISTING, CANDIDATE));
        for (String name : names) {
            lanes.add(new Lane(true, Optional.of(name)));
            lanes.add(new Lane(false, Optional.of(name)));
        }
        return lanes;
    }

    /** The topic with the lane's requests. */
    public Topic requests(Topics topics) {
        return isExisting ? topics.existingRequests(name) : topics.candidateRequests(name);
    }

    /** The topic for the lane's answers. */
    public Topic predictions(Topics topics) {
        return isExisting ? topics.predictions() : topics.candidatePredictions();
    }

    /** The name of the lane in settings, meters and group ids. */
    public String code() {
        return (isExisting ? "existing" : "candidate")
                + name.map(text -> "-" + text).orElse("");
    }

    @Override
    public int compareTo(Lane other) {
        return code().compareTo(other.code());
    }

    @Override
    public String toString() {
        return code();
    }
}

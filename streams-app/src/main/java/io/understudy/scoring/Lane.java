package io.understudy.scoring;

import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.Locale;
import java.util.function.Function;

/** A lane: a topic with the requests for one of the two models, and the topic for the answers. */
public enum Lane {
    EXISTING(Topics::existingRequests, Topics::predictions),
    CANDIDATE(Topics::candidateRequests, Topics::candidatePredictions);

    private final Function<Topics, Topic> requests;
    private final Function<Topics, Topic> predictions;

    Lane(Function<Topics, Topic> requests, Function<Topics, Topic> predictions) {
        this.requests = requests;
        this.predictions = predictions;
    }

    /** The topic with the lane's requests. */
    public Topic requests(Topics topics) {
        return requests.apply(topics);
    }

    /** The topic for the lane's answers. */
    public Topic predictions(Topics topics) {
        return predictions.apply(topics);
    }

    /** The name of the lane in settings, meters and group ids. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}

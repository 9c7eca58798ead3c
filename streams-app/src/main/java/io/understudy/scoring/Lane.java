package io.understudy.scoring;

import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.util.Locale;
import java.util.function.Function;

/** A lane: where requests for one of the two models wait, and where their answers go. */
public enum Lane {
    EXISTING(Topics::existingRequests, Topics::predictions),
    CANDIDATE(Topics::candidateRequests, Topics::candidatePredictions);

    private final Function<Topics, Topic> requests;
    private final Function<Topics, Topic> predictions;

    Lane(Function<Topics, Topic> requests, Function<Topics, Topic> predictions) {
        this.requests = requests;
        this.predictions = predictions;
    }

    /** Where the lane's requests are. */
    public Topic requests(Topics topics) {
        return requests.apply(topics);
    }

    /** Where the lane's answers go. */
    public Topic predictions(Topics topics) {
        return predictions.apply(topics);
    }

    /** The lane's name in settings, meters and group ids. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}

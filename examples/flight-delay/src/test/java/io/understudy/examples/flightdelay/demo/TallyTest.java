package io.understudy.examples.flightdelay.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.SchemaClasses;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TallyTest {

    static {
        SchemaClasses.trust();
    }

    private final Tally tally = new Tally();

    @Test
    void countsWhatIsLostDuplicatedAndUnasked() {
        for (String id : new String[] {"a", "b", "c"}) {
            tally.request(id);
        }
        tally.servedPrediction(prediction("a", 0.1));
        tally.servedPrediction(prediction("a", 0.1));
        tally.servedPrediction(prediction("b", 0.1));
        tally.shadowPrediction(prediction("a", 0.1));
        tally.servedPrediction(prediction("nobody", 0.1));
        Summary summary = summary();
        assertThat(summary.requests()).isEqualTo(3);
        assertThat(summary.lost()).as("c served, b and c shadowed").isEqualTo(3);
        assertThat(summary.duplicated()).isEqualTo(1);
        assertThat(summary.unasked()).isEqualTo(1);
        assertThat(summary.isFlawless()).isFalse();
    }

    @Test
    void judgesBothModelsOnTheSameRequestsWhateverComesFirst() {
        tally.request("a");
        tally.outcome(outcome("a", true));
        tally.shadowPrediction(prediction("a", 0.9));
        tally.servedPrediction(prediction("a", 0.4));
        tally.request("b");
        tally.servedPrediction(prediction("b", 0.5));
        tally.outcome(outcome("b", false));
        Summary summary = summary();
        assertThat(summary.existing().brier()).isCloseTo(0.36, within(1e-12));
        assertThat(summary.candidate().brier()).isCloseTo(0.01, within(1e-12));
        assertThat(summary.meanDifference()).isCloseTo(0.5, within(1e-12));
        assertThat(summary.agreement()).isZero();
    }

    @Test
    void isFlawlessWhenEveryRequestHasOneAnswerOfEither() {
        tally.request("a");
        tally.servedPrediction(prediction("a", 0.4));
        assertThat(tally.isComplete()).isFalse();
        tally.shadowPrediction(prediction("a", 0.9));
        tally.outcome(outcome("a", true));
        assertThat(tally.isComplete()).isTrue();
        assertThat(summary().isFlawless()).isTrue();
    }

    private Summary summary() {
        return tally.summary(new Summary.Latency(1, 2), 1);
    }

    private static Prediction prediction(String id, double score) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("flight-delay")
                .setStatus(PredictionStatus.OK)
                .setScore(score)
                .setReceivedAt(Instant.EPOCH)
                .build();
    }

    private static Outcome outcome(String id, boolean late) {
        return Outcome.newBuilder()
                .setRequestId(id)
                .setDeployment("flight-delay")
                .setName("late")
                .setValue(late)
                .setObservedAt(Instant.EPOCH)
                .build();
    }
}

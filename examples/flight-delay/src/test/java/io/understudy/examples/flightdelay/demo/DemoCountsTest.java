package io.understudy.examples.flightdelay.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScorerKind;
import io.understudy.schema.Stage;
import io.understudy.schema.StageKind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoCountsTest {

    static {
        SchemaClasses.trust();
    }

    private static final Rollout ROLLOUT = Rollout.newBuilder()
            .setId("flight-delay-v2-2")
            .setStatus(RolloutStatus.RUNNING)
            .setCandidate(Model.newBuilder()
                    .setVersion("v2")
                    .setScorer(ScorerKind.EXTERNAL)
                    .build())
            .setUnit(RandomisationUnit.KEY)
            .setSalt("salt")
            .setStages(List.of(new Stage(StageKind.SHADOW, 0, 100_000), new Stage(StageKind.CANARY, 5000, 0)))
            .setStage(0)
            .setEpoch(1)
            .setShare(0)
            .setMirror(100_000)
            .setSpec("")
            .setStartedAt(Instant.EPOCH)
            .setStageStartedAt(Instant.EPOCH)
            .build();

    private final DemoCounts tally = new DemoCounts(ROLLOUT);

    @Test
    void countsWhatIsLostDuplicatedAndUnasked() {
        for (String id : new String[] {"a", "b", "c"}) {
            tally.request(id);
        }
        tally.servedPrediction("route", prediction("a", 0.1));
        tally.servedPrediction("route", prediction("a", 0.1));
        tally.servedPrediction("route", prediction("b", 0.1));
        tally.shadowPrediction(shadow("a", 0.1));
        tally.servedPrediction("route", prediction("nobody", 0.1));
        Summary summary = summary();
        assertThat(summary.requests()).isEqualTo(3);
        assertThat(summary.lost()).as("c served, b shadowed").isEqualTo(2);
        assertThat(summary.duplicated()).isEqualTo(1);
        assertThat(summary.unasked()).isEqualTo(1);
        assertThat(summary.isFlawless()).isFalse();
    }

    @Test
    void judgesBothModelsOnTheSameRequestsWhateverComesFirst() {
        tally.request("a");
        tally.outcome(outcome("a", true));
        tally.shadowPrediction(shadow("a", 0.9));
        tally.servedPrediction("route", prediction("a", 0.4));
        tally.request("b");
        tally.servedPrediction("route", prediction("b", 0.5));
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
        tally.servedPrediction("route", prediction("a", 0.4));
        assertThat(tally.isComplete()).isFalse();
        tally.shadowPrediction(shadow("a", 0.9));
        tally.outcome(outcome("a", true));
        assertThat(tally.isComplete()).isTrue();
        assertThat(summary().isFlawless()).isTrue();
    }

    @Test
    void countsWhoIsServedByTheCandidateAndKeysThatAreSentBack() {
        served("stays", "a", Arm.CANDIDATE, 2, false);
        served("stays", "b", Arm.EXISTING, 3, true);
        served("joins", "c", Arm.EXISTING, 2, false);
        served("joins", "d", Arm.CANDIDATE, 3, false);
        assertThat(summary().servedByCandidate()).isEqualTo(2);
        assertThat(summary().fallbacks()).isEqualTo(1);
        assertThat(summary().switchedBack()).isZero();
        served("stays", "e", Arm.EXISTING, 4, false);
        assertThat(summary().switchedBack()).isEqualTo(1);
        assertThat(summary().isFlawless()).isFalse();
    }

    @Test
    void tellsHowEachStageEnded() {
        tally.request("a");
        tally.servedPrediction("route", prediction("a", 0.1));
        Rollout second = Rollout.newBuilder(ROLLOUT).setStage(1).setEpoch(2).build();
        tally.event(event(RolloutEventType.ADVANCED, second));
        tally.event(event(
                RolloutEventType.PROMOTED,
                Rollout.newBuilder(second)
                        .setStatus(RolloutStatus.PROMOTED)
                        .setEndedAt(Instant.EPOCH)
                        .build()));
        assertThat(summary().stages())
                .containsExactly(
                        new Summary.EndedStage(0, "SHADOW", "100%", "ADVANCED", 1, "because"),
                        new Summary.EndedStage(1, "CANARY", "5%", "PROMOTED", 1, "because"));
        assertThat(summary().finalStatus()).isEqualTo("PROMOTED");
        assertThat(summary().flightsToVerdict()).isEqualTo(1);
    }

    private static RolloutEvent event(RolloutEventType type, Rollout rollout) {
        return RolloutEvent.newBuilder()
                .setDeployment("flight-delay")
                .setType(type)
                .setActor("evaluator")
                .setReason("because")
                .setStateVersion(3)
                .setState(RolloutState.newBuilder()
                        .setDeployment("flight-delay")
                        .setVersion(3)
                        .setExisting(ROLLOUT.getCandidate())
                        .setRollout(rollout)
                        .setUpdatedAt(Instant.EPOCH)
                        .build())
                .setAt(Instant.EPOCH)
                .build();
    }

    private void served(String key, String id, Arm arm, int epoch, boolean fallback) {
        tally.servedPrediction(
                key,
                Prediction.newBuilder(prediction(id, 0.1))
                        .setArm(arm)
                        .setStage(1)
                        .setEpoch(epoch)
                        .setFallback(fallback)
                        .build());
    }

    private static Prediction shadow(String id, double score) {
        return Prediction.newBuilder(prediction(id, score)).setMirrored(true).build();
    }

    private Summary summary() {
        return tally.summary("good", new Summary.Latency(1, 2), 1);
    }

    private static Prediction prediction(String id, double score) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("flight-delay")
                .setArm(Arm.EXISTING)
                .setRollout("flight-delay-v2-2")
                .setStage(0)
                .setEpoch(1)
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

package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.chaos.RolloutLedger.Part;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.Model;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScorerKind;
import io.understudy.schema.Stage;
import io.understudy.schema.StageKind;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutLedgerTest {

    static {
        SchemaClasses.trust();
    }

    private static final Model MODEL =
            Model.newBuilder().setVersion("v1").setScorer(ScorerKind.EXTERNAL).build();
    private static final Part PART = new Part("r", 1);

    private final Violations violations = new Violations();
    private final RolloutLedger ledger = new RolloutLedger(violations);

    private static Rollout rollout(StageKind kind, int share, RolloutStatus status) {
        return Rollout.newBuilder()
                .setId("r")
                .setStatus(status)
                .setCandidate(MODEL)
                .setUnit(RandomisationUnit.KEY)
                .setSalt("salt")
                .setStages(List.of(Stage.newBuilder()
                        .setKind(kind)
                        .setShare(share)
                        .setMirror(0)
                        .build()))
                .setStage(0)
                .setEpoch(1)
                .setShare(share)
                .setMirror(0)
                .setSpec("")
                .setStartedAt(Instant.EPOCH)
                .setStageStartedAt(Instant.EPOCH)
                .build();
    }

    private static RolloutEvent event(long version, String command, Rollout rollout) {
        return RolloutEvent.newBuilder()
                .setDeployment("d")
                .setType(RolloutEventType.STARTED)
                .setCommandId(command)
                .setActor("test")
                .setStateVersion(version)
                .setState(RolloutState.newBuilder()
                        .setDeployment("d")
                        .setVersion(version)
                        .setExisting(MODEL)
                        .setRollout(rollout)
                        .setUpdatedAt(Instant.EPOCH)
                        .build())
                .setAt(Instant.EPOCH)
                .build();
    }

    private static RolloutEvaluation evaluation(long window, long existing, long candidate) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("d")
                .setRollout("r")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(1)
                .setWindowStart(Instant.ofEpochSecond(window))
                .setWindowEnd(Instant.ofEpochSecond(window + 1))
                .setVerdict(Verdict.CONTINUE)
                .setReason("")
                .setMetrics(List.of())
                .setExisting(totals(existing))
                .setCandidate(totals(candidate))
                .setWarnings(List.of())
                .setAt(Instant.EPOCH)
                .build();
    }

    private static ArmTotals totals(long requests) {
        return ArmTotals.newBuilder()
                .setRequests(requests)
                .setUnits(requests)
                .setLabelled(0)
                .build();
    }

    @Test
    void armsAreComparedWithTheAssignmentAlsoIfTheEventIsReadLater() {
        String inside = key(true);
        String outside = key(false);
        ledger.arm(PART, inside, true, "1");
        ledger.arm(PART, outside, true, "2");
        ledger.event(event(1, null, rollout(StageKind.CANARY, 50_000, RolloutStatus.RUNNING)));
        ledger.arm(PART, inside, false, "3");

        assertThat(ledger.checkedArms()).isEqualTo(3);
        assertThat(violations.texts())
                .hasSize(2)
                .anyMatch(text -> text.startsWith("request 2 "))
                .anyMatch(text -> text.startsWith("request 3 "));
    }

    private static String key(boolean inside) {
        int i = 0;
        while (RolloutLedger.bucket("salt" + "key-" + i) < 50_000 != inside) {
            i++;
        }
        return "key-" + i;
    }

    @Test
    void versionsThatGoBackAreAViolation() {
        ledger.event(event(2, null, null));
        ledger.event(event(2, null, null));

        assertThat(violations.texts()).containsExactly("events of d out of order: version 2 after 2");
    }

    @Test
    void aCommandThatIsAnsweredTwiceIsAViolation() {
        ledger.event(event(1, "c", null));
        ledger.event(event(2, "c", null));

        assertThat(violations.texts()).containsExactly("command c is answered twice: STARTED");
    }

    @Test
    void aRolloutThatMovesAfterItsEndIsAViolation() {
        ledger.event(event(1, null, rollout(StageKind.SHADOW, 0, RolloutStatus.PROMOTED)));
        ledger.event(event(2, null, rollout(StageKind.SHADOW, 0, RolloutStatus.ABORTED)));

        assertThat(violations.texts()).containsExactly("rollout r was PROMOTED and is ABORTED");
    }

    @Test
    void evidenceMustHaveEachAnswerOnce() {
        Rollout rollout = rollout(StageKind.SHADOW, 0, RolloutStatus.RUNNING);
        ledger.event(event(1, null, rollout));
        ledger.answer(PART, false);
        ledger.answer(PART, false);
        ledger.mirrored(PART);
        ledger.evaluation(evaluation(0, 1, 1));
        assertThat(ledger.difference(rollout)).contains("has 1 and 1 requests, and the topics have 2 and 1");

        ledger.evaluation(evaluation(1, 2, 1));

        assertThat(ledger.difference(rollout)).isEmpty();
        ledger.close();
        assertThat(violations.texts()).isEmpty();
    }

    @Test
    void evidenceWithMoreThanTheTopicsIsAViolation() {
        ledger.evaluation(evaluation(0, 2, 0));
        ledger.close();

        assertThat(violations.texts()).singleElement().asString().contains("has 2 and 0 requests");
    }

    @Test
    void evidenceThatShrinksOrGoesBackIsAViolation() {
        ledger.evaluation(evaluation(1, 2, 0));
        ledger.evaluation(evaluation(1, 1, 0));

        assertThat(violations.texts()).hasSize(2);
    }
}

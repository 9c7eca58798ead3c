package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.AwaitingStep;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps that wait for a program that serves the candidate. */
class ReadinessTest {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow, mirror: 50%}, {kind: canary, share: 5%}]
            policies: {readiness: 3m}
            """;

    private final RolloutMachine machine = new RolloutMachine(model -> model);
    private Optional<RolloutState> state = Optional.empty();
    private int commands;

    @Test
    void aCandidateGetsNoTrafficBeforeSomebodyServesIt() {
        start();
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.AWAITING_READINESS);
        assertThat(rollout().getAwaiting().getStep()).isEqualTo(AwaitingStep.STAGE);
        assertThat(rollout().getAwaiting().getSince()).isEqualTo(NOW);
        assertThat(rollout().getReadinessTimeoutMs()).isEqualTo(180_000);
        assertThat(rollout().getMirror()).isZero();
        assertThat(rollout().getEpoch()).isZero();

        RolloutEvent ready = apply(ofController(RolloutVerb.READY, "a serves it"));
        assertThat(ready.getType()).isEqualTo(RolloutEventType.READY);
        assertThat(ready.getCode()).isEqualTo(ReasonCode.MODEL_READY.name());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.RUNNING);
        assertThat(rollout().getAwaiting()).isNull();
        assertThat(rollout().getReason()).isNull();
        assertThat(rollout().getMirror()).isEqualTo(50_000);
        assertThat(rollout().getEpoch()).isEqualTo(1);
    }

    @Test
    void aRolloutThatNobodyServesIsHeldAndWaitsAgainWhenItIsResumed() {
        start();
        RolloutEvent held = apply(ofController(RolloutVerb.NOT_READY, "nobody"));
        assertThat(held.getType()).isEqualTo(RolloutEventType.HELD);
        assertThat(held.getCode()).isEqualTo(ReasonCode.MODEL_NOT_READY.name());
        assertThat(rollout().getReason()).isEqualTo("nobody");
        assertThat(rollout().getAwaiting()).isNull();
        assertThat(rollout().getMirror()).isZero();
        apply(command(RolloutVerb.RESUME).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.AWAITING_READINESS);
        assertThat(rollout().getEpoch()).isZero();
        apply(command(RolloutVerb.RETRY).build(), RolloutEventType.REJECTED);
        apply(command(RolloutVerb.ABORT).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.ABORTED);
        apply(command(RolloutVerb.RETRY).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.AWAITING_READINESS);
    }

    @Test
    void aCandidateWhoseBreakerOpenedMustBeServedAgainFirst() {
        start();
        apply(ofController(RolloutVerb.READY, null));
        apply(ofController(RolloutVerb.OPEN_BREAKER, "errors"));
        apply(command(RolloutVerb.ADVANCE).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.AWAITING_READINESS);
        assertThat(rollout().getStage()).isEqualTo(1);
        assertThat(rollout().getShare()).isZero();
        apply(ofController(RolloutVerb.READY, null));
        assertThat(rollout().getShare()).isEqualTo(5000);
        assertThat(rollout().getEpoch()).isEqualTo(3);
    }

    @Test
    void thePromotionWaitsAndSaysWhyItWasDecidedWhenItIsMade() {
        inLastStage();
        RolloutEvent passed = judge(Verdict.PASS);
        assertThat(passed.getType()).isEqualTo(RolloutEventType.AWAITING_READINESS);
        assertThat(passed.getCode()).isEqualTo(ReasonCode.STAGE_PASSED.name());
        assertThat(passed.getEvidence()).isNotNull();
        assertThat(rollout().getAwaiting().getStep()).isEqualTo(AwaitingStep.PROMOTION);
        assertThat(rollout().getShare()).as("users notice nothing").isEqualTo(5000);
        assertThat(state.orElseThrow().getExisting().getVersion())
                .as("the former model stays")
                .isEqualTo("v1");

        RolloutEvent promoted = apply(ofController(RolloutVerb.READY, "a serves it"));
        assertThat(promoted.getType()).isEqualTo(RolloutEventType.PROMOTED);
        assertThat(promoted.getCode()).isEqualTo(ReasonCode.STAGE_PASSED.name());
        assertThat(promoted.getReason()).isEqualTo("better; a serves it");
        assertThat(rollout().getReason()).isEqualTo("better; a serves it");
        assertThat(state.orElseThrow().getExisting().getVersion()).isEqualTo("v2");
    }

    @Test
    void aPromotionThatNobodyCanServeKeepsTheFormerModelAndTheTraffic() {
        inLastStage();
        apply(command(RolloutVerb.PROMOTE).setReason("now").build());
        assertThat(rollout().getReason())
                .isEqualTo("waits for a program that serves v2 as the existing model, to be promoted: now");
        RolloutEvent again = apply(command(RolloutVerb.PROMOTE).build(), RolloutEventType.REJECTED);
        assertThat(again.getReason()).contains("already waits for a program", "force the promotion");
        apply(ofController(RolloutVerb.NOT_READY, "nobody"));
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.HELD);
        assertThat(rollout().getShare()).isEqualTo(5000);
        apply(command(RolloutVerb.PROMOTE).setForce(true).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.PROMOTED);
    }

    @Test
    void anOperatorMayStartWithoutWaiting() {
        apply(deploy());
        apply(command(RolloutVerb.START).setSpec(ROLLOUT).setForce(true).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.RUNNING);
        assertThat(rollout().getEpoch()).isEqualTo(1);
        assertThat(rollout().getMirror()).isEqualTo(50_000);
    }

    @Test
    void anOperatorMayGoOnWithoutWaitingAnyLonger() {
        start();
        apply(command(RolloutVerb.RESUME).build(), RolloutEventType.REJECTED);
        apply(command(RolloutVerb.RESUME).setForce(true).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.RUNNING);
        assertThat(rollout().getMirror()).isEqualTo(50_000);
    }

    @Test
    void aForcedResumptionGivesUpAPromotionThatWaits() {
        inLastStage();
        judge(Verdict.PASS);
        apply(command(RolloutVerb.RESUME).setForce(true).build());
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.RUNNING);
        assertThat(rollout().getShare()).isEqualTo(5000);
    }

    @Test
    void harmEndsARolloutThatWaitsForItsPromotion() {
        inLastStage();
        judge(Verdict.PASS);
        for (Verdict other : new Verdict[] {Verdict.PASS, Verdict.INVALID, Verdict.CONTINUE}) {
            assertThat(machine.apply(state, evaluation(other), NOW)).isEqualTo(Transition.NOTHING);
        }
        judge(Verdict.ABORT);
        assertThat(rollout().getStatus()).isEqualTo(RolloutStatus.ABORTED);
    }

    @ParameterizedTest
    @EnumSource(names = {"READY", "NOT_READY"})
    void readinessThatComesLateChangesNothing(RolloutVerb verb) {
        start();
        RolloutCommand late = ofController(verb, null);
        assertThat(machine.apply(
                        state, RolloutCommand.newBuilder(late).setEpoch(7).build(), NOW))
                .isEqualTo(Transition.NOTHING);
        assertThat(machine.apply(
                        state,
                        RolloutCommand.newBuilder(late).setRollout("another").build(),
                        NOW))
                .isEqualTo(Transition.NOTHING);
        apply(ofController(RolloutVerb.READY, null));
        assertThat(machine.apply(state, ofController(verb, null), NOW))
                .as("it does not wait any more")
                .isEqualTo(Transition.NOTHING);
    }

    @Test
    void anExternalModelIsDeployedWithAWarning() {
        assertThat(apply(deploy()).getReason()).contains("as soon as a program serves it", "nothing waits");
    }

    private void start() {
        apply(deploy());
        apply(command(RolloutVerb.START).setSpec(ROLLOUT).build());
    }

    private void inLastStage() {
        start();
        apply(ofController(RolloutVerb.READY, null));
        apply(command(RolloutVerb.ADVANCE).build());
        assertThat(rollout().getShare()).isEqualTo(5000);
    }

    private RolloutCommand deploy() {
        return command(RolloutVerb.DEPLOY)
                .setSpec("{deployment: sums, existing: {version: v1, scorer: {kind: external}}}")
                .build();
    }

    private RolloutEvent apply(RolloutCommand command) {
        RolloutEvent event = apply(command, null);
        assertThat(event.getType()).as(event.getReason()).isNotEqualTo(RolloutEventType.REJECTED);
        return event;
    }

    private RolloutEvent apply(RolloutCommand command, RolloutEventType expected) {
        return follow(machine.apply(state, command, NOW), expected);
    }

    private RolloutEvent judge(Verdict verdict) {
        return follow(machine.apply(state, evaluation(verdict), NOW), null);
    }

    private RolloutEvent follow(Transition transition, RolloutEventType expected) {
        state = transition.state();
        RolloutEvent event = transition.event().orElseThrow();
        if (expected != null) {
            assertThat(event.getType()).isEqualTo(expected);
        }
        return event;
    }

    private Rollout rollout() {
        return state.orElseThrow().getRollout();
    }

    private RolloutCommand.Builder command(RolloutVerb verb) {
        return RolloutCommand.newBuilder()
                .setId("c" + commands++)
                .setDeployment("sums")
                .setVerb(verb)
                .setActor("tester")
                .setIssuedAt(NOW);
    }

    private RolloutCommand ofController(RolloutVerb verb, String reason) {
        return command(verb)
                .setRollout(rollout().getId())
                .setEpoch(rollout().getEpoch())
                .setReason(reason)
                .build();
    }

    private RolloutEvaluation evaluation(Verdict verdict) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("sums")
                .setRollout(rollout().getId())
                .setStage(rollout().getStage())
                .setEpoch(rollout().getEpoch())
                .setStateVersion(1)
                .setWindowStart(NOW)
                .setWindowEnd(NOW.plusSeconds(commands++))
                .setVerdict(verdict)
                .setCode(ReasonCode.STAGE_PASSED.name())
                .setReason("better")
                .setAt(NOW)
                .build();
    }
}

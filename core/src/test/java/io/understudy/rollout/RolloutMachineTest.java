package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutMachineTest {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private static final String DEPLOYMENT = """
            deployment: sums
            existing: {version: v1, scorer: {kind: external}}
            """;

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow, mirror: 50%}]
            """;

    private static final String LADDER = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow}, {kind: canary, share: 5%}]
            """;

    private final RolloutMachine machine = new RolloutMachine(model -> model);

    @Test
    void deploysStartsAndAborts() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        assertThat(deployed.getVersion()).isEqualTo(1);

        RolloutState started = accepted(Optional.of(deployed), command("2", RolloutVerb.START, ROLLOUT));
        assertThat(started.getVersion()).isEqualTo(2);
        assertThat(started.getRollout().getId()).isEqualTo("sums-v2-2");
        assertThat(started.getRollout().getSalt()).isEqualTo("sums-v2-2");
        assertThat(started.getRollout().getMirror()).isEqualTo(50_000);
        assertThat(started.getRollout().getShare()).isZero();
        assertThat(started.getRollout().getSpec()).isEqualTo(ROLLOUT);

        RolloutState aborted = accepted(Optional.of(started), command("3", RolloutVerb.ABORT, null));
        assertThat(aborted.getRollout().getStatus()).isEqualTo(RolloutStatus.ABORTED);
        assertThat(aborted.getRollout().getMirror()).isZero();
        assertThat(aborted.getRollout().getEpoch()).isEqualTo(2);
        assertThat(aborted.getRollout().getEndedAt()).isEqualTo(NOW);
    }

    @Test
    void publishesAChangeWithTheStateAfterIt() {
        Transition transition = machine.apply(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT), NOW);
        RolloutEvent event = transition.event().orElseThrow();
        assertThat(event.getType()).isEqualTo(RolloutEventType.DEPLOYED);
        assertThat(event.getCommandId()).isEqualTo("1");
        assertThat(event.getActor()).isEqualTo("tester");
        assertThat(event.getState()).isEqualTo(transition.state().orElseThrow());
    }

    @Test
    void rejectsCommandsThatCannotBeApplied() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        RolloutState started = accepted(Optional.of(deployed), command("2", RolloutVerb.START, ROLLOUT));
        RolloutState aborted = accepted(Optional.of(started), command("3", RolloutVerb.ABORT, null));

        rejected(Optional.empty(), command("x", RolloutVerb.START, ROLLOUT), "there is no deployment 'sums'");
        rejected(Optional.of(deployed), command("x", RolloutVerb.ABORT, null), "the deployment has no rollout");
        rejected(Optional.of(started), command("x", RolloutVerb.START, ROLLOUT), "rollout sums-v2-2 is RUNNING");
        rejected(Optional.of(started), command("x", RolloutVerb.DEPLOY, DEPLOYMENT), "rollout sums-v2-2 is RUNNING");
        rejected(Optional.of(aborted), command("x", RolloutVerb.ABORT, null), "rollout sums-v2-2 is already ABORTED");
        rejected(Optional.of(deployed), command("x", RolloutVerb.START, null), "spec is missing");
        rejected(Optional.of(deployed), command("x", RolloutVerb.START, "stages: 1"), "deployment: is missing");
        rejected(Optional.of(deployed), command("x", RolloutVerb.PROMOTE, null), "the deployment has no rollout");
        rejected(Optional.of(aborted), command("x", RolloutVerb.PROMOTE, null), "rollout sums-v2-2 is already ABORTED");
        rejected(Optional.of(started), command("x", RolloutVerb.UNKNOWN, null), "the verb is unknown");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.RESUME, null),
                "RESUME does not apply: rollout sums-v2-2 is RUNNING; it must be HELD or PAUSED");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.ADVANCE, null),
                "stage 0 is the last stage of rollout sums-v2-2; promote the rollout instead");
        rejected(
                Optional.of(started), command("x", RolloutVerb.GO_TO_STAGE, null), "stage is missing; allowed: 0 to 0");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.RETRY, null),
                "rollout sums-v2-2 is RUNNING; only a HELD or ABORTED rollout can be retried");
        rejected(Optional.of(started), command("x", RolloutVerb.OPEN_BREAKER, null), "rollout or epoch is missing");
        rejected(
                Optional.of(deployed),
                command("x", RolloutVerb.START, ROLLOUT.replace("v2", "v1")),
                "candidate.version: 'v1' is the existing model's version");
        rejected(
                Optional.of(deployed),
                command("x", RolloutVerb.START, ROLLOUT.replace("sums", "other")),
                "deployment: 'other' differs from the command's 'sums'");
    }

    @Test
    void rejectsAModelWhoseLaneDoesNotExistAndSaysWhichDo() {
        String deployment = DEPLOYMENT.replace("version: v1", "version: v1, lane: slow");
        assertThat(deployment).isNotEqualTo(DEPLOYMENT);
        RolloutCommand deploy = command("1", RolloutVerb.DEPLOY, deployment);
        rejected(
                Optional.empty(),
                deploy,
                "existing.lane: there is no lane 'slow'; this installation has only the default lanes (setting lanes)");
        RolloutMachine other = new RolloutMachine(model -> model, Set.of("fraud"));
        RolloutEvent event = other.apply(Optional.empty(), deploy, NOW).event().orElseThrow();
        assertThat(event.getCode()).isEqualTo("LANE_UNKNOWN");
        assertThat(event.getReason())
                .isEqualTo("existing.lane: there is no lane 'slow'; allowed: fraud (setting lanes)");
        RolloutMachine same = new RolloutMachine(model -> model, Set.of("slow"));
        assertThat(same.apply(Optional.empty(), deploy, NOW)
                        .state()
                        .orElseThrow()
                        .getExisting()
                        .getLane())
                .isEqualTo("slow");
    }

    @Test
    void rejectsAModelThatFailsInspection() {
        RolloutMachine strict = new RolloutMachine(model -> {
            throw new UnusableModelException("model file v1.onnx does not exist");
        });
        RolloutEvent event = strict.apply(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT), NOW)
                .event()
                .orElseThrow();
        assertThat(event.getType()).isEqualTo(RolloutEventType.REJECTED);
        assertThat(event.getReason()).isEqualTo("existing v1: model file v1.onnx does not exist");
    }

    @Test
    void rejectsACommandThatExpectsAnotherVersionAndNamesTheCurrentOne() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        RolloutCommand late = RolloutCommand.newBuilder(command("2", RolloutVerb.START, ROLLOUT))
                .setExpectedVersion(7L)
                .build();
        rejected(Optional.of(deployed), late, "expected version 7, but the state is at version 1");
    }

    @Test
    void ignoresACommandThatWasHandledBefore() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        assertThat(machine.apply(Optional.of(deployed), command("1", RolloutVerb.DEPLOY, DEPLOYMENT), NOW))
                .isEqualTo(Transition.NOTHING);
    }

    @Test
    void ignoresARejectedCommandThatIsRedeliveredWhenItCouldBeApplied() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        RolloutState started = accepted(Optional.of(deployed), command("2", RolloutVerb.START, ROLLOUT));
        RolloutCommand again = command("3", RolloutVerb.START, ROLLOUT.replace("v2", "v3"));
        RolloutState remembering =
                machine.apply(Optional.of(started), again, NOW).state().orElseThrow();
        assertThat(remembering.getVersion()).isEqualTo(started.getVersion());
        RolloutState aborted = accepted(Optional.of(remembering), command("4", RolloutVerb.ABORT, null));
        assertThat(machine.apply(Optional.of(aborted), again, NOW)).isEqualTo(Transition.NOTHING);
    }

    @Test
    void passesFromStageToStageAndPromotesAfterTheLast() {
        RolloutState state = started(LADDER);
        state = judged(state, Verdict.PASS, RolloutEventType.ADVANCED);
        assertThat(state.getRollout().getShare()).isEqualTo(5000);
        assertThat(state.getRollout().getMirror()).isZero();
        assertThat(state.getRollout().getEpoch()).isEqualTo(2);
        state = judged(state, Verdict.PASS, RolloutEventType.PROMOTED);
        assertThat(state.getExisting().getVersion()).isEqualTo("v2");
        assertThat(state.getRollout().getReplaces().getVersion()).isEqualTo("v1");
        assertThat(state.getRollout().getStatus()).isEqualTo(RolloutStatus.PROMOTED);
        assertThat(state.getRollout().getShare()).isZero();
    }

    @Test
    void waitsForApprovalIfThePolicyRequiresIt() {
        RolloutState promotion = started(LADDER + "policies: {approval: promotion}\n");
        promotion = judged(promotion, Verdict.PASS, RolloutEventType.ADVANCED);
        promotion = judged(promotion, Verdict.PASS, RolloutEventType.AWAITING_APPROVAL);
        assertThat(promotion.getRollout().getShare())
                .as("it continues to serve")
                .isEqualTo(5000);
        RolloutState promoted = accepted(Optional.of(promotion), command("a", RolloutVerb.APPROVE, null));
        assertThat(promoted.getExisting().getVersion()).isEqualTo("v2");

        RolloutState stages = started(LADDER + "policies: {approval: stages}\n");
        stages = judged(stages, Verdict.PASS, RolloutEventType.AWAITING_APPROVAL);
        assertThat(machine.apply(Optional.of(stages), evaluation(stages, Verdict.PASS), NOW))
                .isEqualTo(Transition.NOTHING);
        stages = accepted(Optional.of(stages), command("a", RolloutVerb.APPROVE, null));
        assertThat(stages.getRollout().getStage()).isEqualTo(1);
    }

    @Test
    void holdsOrAbortsAnUndecidableRolloutByPolicy() {
        for (Verdict verdict : new Verdict[] {Verdict.INCONCLUSIVE, Verdict.INVALID, Verdict.NO_DATA}) {
            RolloutState held = judged(started(LADDER), verdict, RolloutEventType.HELD);
            assertThat(held.getRollout().getReason()).isEqualTo(verdict + ": because");
            assertThat(held.getRollout().getEpoch()).isEqualTo(1);
        }
        String strict = LADDER + "policies: {inconclusive: abort, invalid: abort}\n";
        judged(started(strict), Verdict.INCONCLUSIVE, RolloutEventType.ABORTED);
        judged(started(strict), Verdict.INVALID, RolloutEventType.ABORTED);
        for (Verdict verdict : new Verdict[] {Verdict.CONTINUE, Verdict.HOLD, Verdict.ERROR, Verdict.UNKNOWN}) {
            assertThat(machine.apply(Optional.of(started(LADDER)), evaluation(started(LADDER), verdict), NOW))
                    .as(verdict.name())
                    .isEqualTo(Transition.NOTHING);
        }
    }

    @Test
    void harmEndsARolloutThatIsPausedHeldOrAwaitsApproval() {
        RolloutState paused = accepted(Optional.of(started(LADDER)), command("p", RolloutVerb.PAUSE, null));
        assertThat(machine.apply(Optional.of(paused), evaluation(paused, Verdict.PASS), NOW))
                .as("a paused rollout waits for an operator")
                .isEqualTo(Transition.NOTHING);
        judged(paused, Verdict.ABORT, RolloutEventType.ABORTED);
        RolloutState held = judged(started(LADDER), Verdict.INVALID, RolloutEventType.HELD);
        RolloutEvaluation later = RolloutEvaluation.newBuilder(evaluation(held, Verdict.ABORT))
                .setWindowEnd(NOW.plusSeconds(9))
                .build();
        assertThat(machine.apply(Optional.of(held), later, NOW)
                        .event()
                        .orElseThrow()
                        .getType())
                .isEqualTo(RolloutEventType.ABORTED);
    }

    @Test
    void aCommandMayFillItsFieldsButNotExceedThem() {
        for (String field : List.of("id", "deployment", "actor", "rollout")) {
            assertThat(answer(field, 300).getReason()).doesNotContain("characters");
            assertThat(answer(field, 301).getReason()).startsWith(field + " has 301 characters; ");
            assertThat(answer(field, 301).getCode()).isEqualTo(ReasonCode.COMMAND_MALFORMED.name());
        }
        assertThat(answer("reason", 4000).getReason()).doesNotContain("characters");
        assertThat(answer("reason", 4001).getReason()).startsWith("reason has 4001 characters; ");
        assertThat(answer("spec", 30_001).getReason()).startsWith("spec has 30001 characters; ");
    }

    private String codeOf(RolloutState before, RolloutCommand command) {
        return machine.apply(Optional.of(before), command, NOW)
                .event()
                .orElseThrow()
                .getCode();
    }

    /** The answer to a command for no deployment, one of whose fields is {@code length} characters long. */
    private RolloutEvent answer(String field, int length) {
        RolloutCommand command = command("c", RolloutVerb.PAUSE, null);
        command.put(RolloutCommand.getClassSchema().getField(field).pos(), "x".repeat(length));
        return machine.apply(Optional.empty(), command, NOW).event().orElseThrow();
    }

    @Test
    void anEventKeepsTheCodeOfALaterVersion() {
        RolloutState before = started(LADDER);
        RolloutEvaluation later = RolloutEvaluation.newBuilder(evaluation(before, Verdict.ABORT))
                .setCode("HARM_OF_A_NEW_KIND")
                .build();

        RolloutEvent event =
                machine.apply(Optional.of(before), later, NOW).event().orElseThrow();

        assertThat(event.getCode()).isEqualTo("HARM_OF_A_NEW_KIND");
        assertThat(event.getEvidence()).contains("\"code\":\"HARM_OF_A_NEW_KIND\"");
    }

    private static RolloutEvaluation later(RolloutState state, Verdict verdict, int seconds) {
        return RolloutEvaluation.newBuilder(evaluation(state, verdict))
                .setWindowEnd(NOW.plusSeconds(seconds))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"INCONCLUSIVE, PASS", "INVALID, CONTINUE", "INVALID, PASS", "NO_DATA, HOLD"})
    void whenEvidenceTurnsAHeldRolloutSaysSoOnceAndWaits(Verdict held, Verdict turned) {
        RolloutState before = judged(started(LADDER), held, RolloutEventType.HELD);

        Transition transition = machine.apply(Optional.of(before), later(before, turned, 5), NOW);

        RolloutState after = transition.state().orElseThrow();
        assertThat(transition.event().orElseThrow().getType()).isEqualTo(RolloutEventType.EVIDENCE_TURNED);
        assertThat(transition.event().orElseThrow().getReason())
                .isEqualTo("evidence has turned: " + turned + ": because");
        assertThat(after.getRollout().getStatus()).isEqualTo(RolloutStatus.HELD);
        assertThat(after.getRollout().getEpoch()).isEqualTo(before.getRollout().getEpoch());
        assertThat(machine.apply(Optional.of(after), later(after, turned, 10), NOW))
                .isEqualTo(Transition.NOTHING);
    }

    @ParameterizedTest
    @CsvSource({
        "INCONCLUSIVE, CONTINUE",
        "INCONCLUSIVE, INCONCLUSIVE",
        "INVALID, INVALID",
        "INVALID, NO_DATA",
        "NO_DATA, ERROR"
    })
    void whatHoldsARolloutStillSaysNothingNew(Verdict held, Verdict still) {
        RolloutState before = judged(started(LADDER), held, RolloutEventType.HELD);

        assertThat(machine.apply(Optional.of(before), later(before, still, 5), NOW))
                .isEqualTo(Transition.NOTHING);
    }

    @Test
    void evidenceThatTurnsBackHoldsTheRolloutAgain() {
        RolloutState held = judged(started(LADDER), Verdict.INVALID, RolloutEventType.HELD);
        RolloutState turned = machine.apply(Optional.of(held), later(held, Verdict.CONTINUE, 5), NOW)
                .state()
                .orElseThrow();

        Transition again = machine.apply(Optional.of(turned), later(turned, Verdict.INVALID, 10), NOW);

        assertThat(again.event().orElseThrow().getType()).isEqualTo(RolloutEventType.HELD);
        assertThat(again.state().orElseThrow().getRollout().getHeldBy()).isEqualTo("INVALID");
        assertThat(again.state().orElseThrow().getRollout().getReason()).isEqualTo("INVALID: because");
    }

    @Test
    void aRolloutThatIsResumedIsHeldByNothing() {
        RolloutState held = judged(started(LADDER), Verdict.INVALID, RolloutEventType.HELD);

        RolloutState resumed = accepted(Optional.of(held), command("r", RolloutVerb.RESUME, null));

        assertThat(held.getRollout().getHeldBy()).isEqualTo("INVALID");
        assertThat(resumed.getRollout().getHeldBy()).isNull();
    }

    @Test
    void aWindowChangesARolloutOnce() {
        RolloutState held = judged(started(LADDER), Verdict.INCONCLUSIVE, RolloutEventType.HELD);
        RolloutState resumed = accepted(Optional.of(held), command("r", RolloutVerb.RESUME, null));
        assertThat(machine.apply(Optional.of(resumed), evaluation(held, Verdict.INCONCLUSIVE), NOW))
                .as("the same window redelivered")
                .isEqualTo(Transition.NOTHING);
    }

    @Test
    void anOpenBreakerTakesTheCandidateOutAndResumingPutsItBackWithNewEvidence() {
        RolloutState serving = judged(started(LADDER), Verdict.PASS, RolloutEventType.ADVANCED);
        RolloutCommand open = RolloutCommand.newBuilder(command("b", RolloutVerb.OPEN_BREAKER, null))
                .setRollout("sums-v2-2")
                .setEpoch(2)
                .build();
        RolloutState cut = accepted(Optional.of(serving), open);
        assertThat(codeOf(serving, open)).isEqualTo(ReasonCode.BREAKER_OPEN.name());
        assertThat(codeOf(serving, command("p", RolloutVerb.PAUSE, null)))
                .isEqualTo(ReasonCode.OPERATOR_COMMAND.name());
        assertThat(cut.getRollout().getStatus()).isEqualTo(RolloutStatus.HELD);
        assertThat(cut.getRollout().getShare()).isZero();
        assertThat(cut.getRollout().getEpoch()).isEqualTo(3);
        RolloutCommand late = RolloutCommand.newBuilder(open).setId("b2").build();
        assertThat(machine.apply(Optional.of(cut), late, NOW)).isEqualTo(Transition.NOTHING);
        RolloutState resumed = accepted(Optional.of(cut), command("r", RolloutVerb.RESUME, null));
        assertThat(resumed.getRollout().getShare()).isEqualTo(5000);
        assertThat(resumed.getRollout().getEpoch()).isEqualTo(4);
    }

    @Test
    void acceptsCommandsWithTheLongestNames() {
        String name = "d".repeat(100);
        String version = "v".repeat(100);
        RolloutCommand deploy = RolloutCommand.newBuilder(command("1", RolloutVerb.DEPLOY, null))
                .setDeployment(name)
                .setSpec(DEPLOYMENT.replace("sums", name))
                .build();
        RolloutState deployed = accepted(Optional.empty(), deploy);
        RolloutState started = accepted(
                Optional.of(deployed),
                RolloutCommand.newBuilder(deploy)
                        .setId("2")
                        .setVerb(RolloutVerb.START)
                        .setSpec(LADDER.replace("sums", name).replace("v2", version))
                        .build());
        String rollout = started.getRollout().getId();
        accepted(
                Optional.of(started),
                RolloutCommand.newBuilder(deploy)
                        .setId("breaker/" + rollout + "/1")
                        .setVerb(RolloutVerb.OPEN_BREAKER)
                        .setSpec(null)
                        .setRollout(rollout)
                        .setEpoch(1)
                        .build());
    }

    @Test
    void anAbortIsAppliedWhateverVersionOfTheRolloutItsSenderSaw() {
        RolloutState started = started(LADDER);
        RolloutState advanced = judged(started, Verdict.PASS, RolloutEventType.ADVANCED);
        RolloutCommand abort = RolloutCommand.newBuilder(command("x", RolloutVerb.ABORT, null))
                .setExpectedVersion(started.getVersion())
                .build();
        accepted(Optional.of(advanced), abort);
        RolloutCommand advance = RolloutCommand.newBuilder(command("y", RolloutVerb.GO_TO_STAGE, null))
                .setStage(0)
                .setExpectedVersion(started.getVersion())
                .build();
        rejected(Optional.of(advanced), advance, "expected version 2, but the state is at version 3");
    }

    @Test
    void anAbortOfAnEarlierRolloutDoesNotEndTheNext() {
        RolloutState started = started(LADDER);
        RolloutState aborted = accepted(Optional.of(started), command("x", RolloutVerb.ABORT, null));
        RolloutState retried = accepted(Optional.of(aborted), command("y", RolloutVerb.RETRY, null));
        assertThat(retried.getRollout().getId()).isEqualTo("sums-v2-4");
        RolloutCommand stale = RolloutCommand.newBuilder(command("z", RolloutVerb.ABORT, null))
                .setExpectedVersion(started.getVersion())
                .build();
        rejected(Optional.of(retried), stale, "expected version 2, but the state is at version 4");
    }

    @Test
    void saysThatEvidenceStartsAgainWithTheWholeAlpha() {
        RolloutState held = judged(started(LADDER), Verdict.INVALID, RolloutEventType.HELD);
        RolloutState aborted = accepted(Optional.of(held), command("a", RolloutVerb.ABORT, null));
        RolloutState serving = judged(started(LADDER), Verdict.PASS, RolloutEventType.ADVANCED);
        RolloutCommand back = RolloutCommand.newBuilder(command("b", RolloutVerb.GO_TO_STAGE, null))
                .setStage(0)
                .setReason("wrong keys")
                .build();
        RolloutState cut = accepted(
                Optional.of(serving),
                RolloutCommand.newBuilder(command("o", RolloutVerb.OPEN_BREAKER, null))
                        .setRollout("sums-v2-2")
                        .setEpoch(2)
                        .build());
        String anew =
                "evidence starts again, with the whole alpha: the chances of a wrong verdict add up over the attempts";

        assertThat(reasonOf(held, command("r", RolloutVerb.RETRY, null))).isEqualTo(anew);
        assertThat(reasonOf(aborted, command("r", RolloutVerb.RETRY, null))).isEqualTo(anew);
        assertThat(reasonOf(serving, back)).isEqualTo("wrong keys; " + anew);
        assertThat(reasonOf(cut, command("r", RolloutVerb.RESUME, null))).isEqualTo(anew);
    }

    @Test
    void resumingGoesOnWithTheSameEvidenceAndAlpha() {
        RolloutState held = judged(started(LADDER), Verdict.INVALID, RolloutEventType.HELD);

        RolloutState resumed = accepted(Optional.of(held), command("r", RolloutVerb.RESUME, null));

        assertThat(resumed.getRollout().getEpoch()).isEqualTo(held.getRollout().getEpoch());
        assertThat(reasonOf(held, command("r", RolloutVerb.RESUME, null))).isNull();
    }

    private String reasonOf(RolloutState before, RolloutCommand command) {
        return machine.apply(Optional.of(before), command, NOW)
                .event()
                .orElseThrow()
                .getReason();
    }

    private RolloutState started(String spec) {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        return accepted(Optional.of(deployed), command("2", RolloutVerb.START, spec));
    }

    private RolloutState judged(RolloutState before, Verdict verdict, RolloutEventType expected) {
        Transition transition = machine.apply(Optional.of(before), evaluation(before, verdict), NOW);
        assertThat(transition.event().orElseThrow().getType()).isEqualTo(expected);
        assertThat(transition.event().get().getEvidence()).contains("\"verdict\":\"" + verdict + "\"");
        return transition.state().orElseThrow();
    }

    private static RolloutEvaluation evaluation(RolloutState state, Verdict verdict) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("sums")
                .setRollout(state.getRollout().getId())
                .setStage(state.getRollout().getStage())
                .setEpoch(state.getRollout().getEpoch())
                .setStateVersion(state.getVersion())
                .setWindowStart(NOW)
                .setWindowEnd(NOW.plusSeconds(1))
                .setVerdict(verdict)
                .setReason("because")
                .setAt(NOW)
                .build();
    }

    private RolloutState accepted(Optional<RolloutState> before, RolloutCommand command) {
        Transition transition = machine.apply(before, command, NOW);
        assertThat(transition.event().orElseThrow().getType())
                .as(transition.event().orElseThrow().getReason())
                .isNotEqualTo(RolloutEventType.REJECTED);
        return transition.state().orElseThrow();
    }

    private void rejected(Optional<RolloutState> before, RolloutCommand command, String why) {
        Transition transition = machine.apply(before, command, NOW);
        assertThat(transition.event().orElseThrow().getType()).isEqualTo(RolloutEventType.REJECTED);
        assertThat(transition.event().orElseThrow().getReason()).startsWith(why);
        transition.state().ifPresent(after -> {
            assertThat(after.getVersion()).isEqualTo(before.orElseThrow().getVersion());
            assertThat(after.getRollout()).isEqualTo(before.get().getRollout());
            assertThat(after.getExisting()).isEqualTo(before.get().getExisting());
        });
    }

    private static RolloutCommand command(String id, RolloutVerb verb, String spec) {
        return RolloutCommand.newBuilder()
                .setId(id)
                .setDeployment("sums")
                .setVerb(verb)
                .setActor("tester")
                .setSpec(spec)
                .setIssuedAt(NOW)
                .build();
    }
}

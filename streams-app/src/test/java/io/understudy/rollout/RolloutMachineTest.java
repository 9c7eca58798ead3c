package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
    void tellsOfAChangeWithTheStateAfterIt() {
        Transition transition = machine.apply(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT), NOW);
        RolloutEvent event = transition.event().orElseThrow();
        assertThat(event.getType()).isEqualTo(RolloutEventType.DEPLOYED);
        assertThat(event.getCommandId()).isEqualTo("1");
        assertThat(event.getActor()).isEqualTo("tester");
        assertThat(event.getState()).isEqualTo(transition.state().orElseThrow());
    }

    @Test
    void rejectsWhatCannotBeFollowed() {
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
        rejected(Optional.of(started), command("x", RolloutVerb.UNKNOWN, null), "the verb is not known here");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.RESUME, null),
                "RESUME does not apply: rollout sums-v2-2 is RUNNING; it must be HELD or PAUSED");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.ADVANCE, null),
                "stage 0 is the last of rollout sums-v2-2; promote it instead");
        rejected(
                Optional.of(started), command("x", RolloutVerb.GO_TO_STAGE, null), "stage is missing; allowed: 0 to 0");
        rejected(
                Optional.of(started),
                command("x", RolloutVerb.RETRY, null),
                "rollout sums-v2-2 is RUNNING; what is HELD or ABORTED can be tried again");
        rejected(Optional.of(started), command("x", RolloutVerb.OPEN_BREAKER, null), "rollout and epoch are missing");
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
    void rejectsAModelThatInspectionFindsFaultWith() {
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
    void passesOverACommandThatWasAnsweredBefore() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        assertThat(machine.apply(Optional.of(deployed), command("1", RolloutVerb.DEPLOY, DEPLOYMENT), NOW))
                .isEqualTo(Transition.NOTHING);
    }

    @Test
    void passesOverARejectedCommandThatIsRepeatedWhenItCouldBeFollowed() {
        RolloutState deployed = accepted(Optional.empty(), command("1", RolloutVerb.DEPLOY, DEPLOYMENT));
        RolloutState started = accepted(Optional.of(deployed), command("2", RolloutVerb.START, ROLLOUT));
        RolloutCommand again = command("3", RolloutVerb.START, ROLLOUT.replace("v2", "v3"));
        RolloutState remembering =
                machine.apply(Optional.of(started), again, NOW).state().orElseThrow();
        assertThat(remembering.getVersion()).isEqualTo(started.getVersion());
        RolloutState aborted = accepted(Optional.of(remembering), command("4", RolloutVerb.ABORT, null));
        assertThat(machine.apply(Optional.of(aborted), again, NOW)).isEqualTo(Transition.NOTHING);
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

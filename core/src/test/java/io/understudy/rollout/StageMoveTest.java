package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageMoveTest {

    private static final Instant NOW = Instant.EPOCH;
    private static final String LADDER = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow}, {kind: canary, share: 5%}, {kind: canary, share: 50%}]
            """;

    @Test
    void onlyTheNextStageIsLeftToTheController() {
        assertThat(StageMove.ADVANCE.isResolvedByController(Optional.empty())).isTrue();
        assertThat(StageMove.ADVANCE.isResolvedByController(Optional.of(2))).isFalse();
        assertThat(StageMove.BACK.isResolvedByController(Optional.empty())).isFalse();
        assertThat(StageMove.BACK.isResolvedByController(Optional.of(0))).isFalse();
    }

    @Test
    void namesTheNeighbouringStageTheRolloutAndTheVersion() {
        RolloutState state = inStage(1);

        RolloutCommand forward = resolve(StageMove.ADVANCE, state, Optional.empty());
        RolloutCommand back = resolve(StageMove.BACK, state, Optional.empty());

        assertThat(forward.getVerb()).isEqualTo(RolloutVerb.GO_TO_STAGE);
        assertThat(forward.getStage()).isEqualTo(2);
        assertThat(forward.getRollout()).isEqualTo(state.getRollout().getId());
        assertThat(forward.getExpectedVersion()).isEqualTo(state.getVersion());
        assertThat(back.getStage()).isZero();
    }

    @Test
    void keepsTheVersionThatTheSenderGave() {
        RolloutCommand.Builder command = command().setExpectedVersion(7L);

        StageMove.ADVANCE.resolve(command, Optional.of(inStage(0)), Optional.of(2));

        assertThat(command.getExpectedVersion()).isEqualTo(7);
        assertThat(command.getStage()).isEqualTo(2);
    }

    @Test
    void rejectsAStageInTheOtherDirectionOrTheCurrentOne() {
        RolloutState state = inStage(1);

        assertRejected(StageMove.ADVANCE, state, 1, "stage 1 is not after the current stage, 1");
        assertRejected(StageMove.ADVANCE, state, 0, "stage 0 is not after the current stage, 1");
        assertRejected(StageMove.BACK, state, 1, "stage 1 is not before the current stage, 1");
        assertRejected(StageMove.BACK, state, 2, "stage 2 is not before the current stage, 1");
    }

    @Test
    void thereIsNothingBeforeTheFirstStageAndNoStageWithoutARollout() {
        assertThatThrownBy(() -> resolve(StageMove.BACK, inStage(0), Optional.empty()))
                .isInstanceOf(RejectedCommandException.class)
                .hasMessageEndingWith("is in its first stage");
        assertThatThrownBy(() -> StageMove.ADVANCE.resolve(command(), Optional.empty(), Optional.of(1)))
                .isInstanceOf(RejectedCommandException.class)
                .hasMessage("deployment 'd' has no rollout");
    }

    private static void assertRejected(StageMove move, RolloutState state, int to, String why) {
        assertThatThrownBy(() -> resolve(move, state, Optional.of(to)))
                .isInstanceOf(RejectedCommandException.class)
                .hasMessage(why);
    }

    private static RolloutCommand resolve(StageMove move, RolloutState state, Optional<Integer> to) {
        RolloutCommand.Builder command = command();
        move.resolve(command, Optional.of(state), to);
        return command.build();
    }

    private static RolloutState inStage(int stage) {
        RolloutMachine machine = new RolloutMachine(model -> model);
        RolloutState deployed = applied(
                machine,
                Optional.empty(),
                command()
                        .setVerb(RolloutVerb.DEPLOY)
                        .setSpec("{deployment: d, existing: {version: v1, scorer: {kind: external}}}"));
        RolloutState state = applied(
                machine,
                Optional.of(deployed),
                command().setId("start").setVerb(RolloutVerb.START).setSpec(LADDER));
        for (int at = 0; at < stage; at++) {
            state = applied(
                    machine, Optional.of(state), command().setId("to-" + at).setVerb(RolloutVerb.ADVANCE));
        }
        return state;
    }

    private static RolloutState applied(
            RolloutMachine machine, Optional<RolloutState> before, RolloutCommand.Builder command) {
        return machine.apply(before, command.build(), NOW).state().orElseThrow();
    }

    private static RolloutCommand.Builder command() {
        return RolloutCommand.newBuilder()
                .setId("c")
                .setDeployment("d")
                .setVerb(RolloutVerb.UNKNOWN)
                .setActor("tester")
                .setIssuedAt(NOW);
    }
}

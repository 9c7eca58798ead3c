package io.understudy.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.testing.States;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TrafficSplitLawsTest {

    private static final List<String> KEYS =
            IntStream.range(0, 20_000).mapToObj(i -> "key-" + i).toList();

    private static RolloutState with(RolloutState state, UnaryOperator<Rollout.Builder> change) {
        return RolloutState.newBuilder(state)
                .setRollout(change.apply(Rollout.newBuilder(state.getRollout())).build())
                .build();
    }

    @Property
    void aUnitThatTheCandidateServesStaysItsOwnWhenTheShareGrows(
            @ForAll @IntRange(max = 100_000) int narrow,
            @ForAll @IntRange(max = 100_000) int more,
            @ForAll String key) {
        int wide = Math.min(HashBuckets.COUNT, narrow + more);

        Arm before = TrafficSplit.of(States.serving(narrow)).arm(bytes(key), "id");
        Arm after = TrafficSplit.of(States.serving(wide)).arm(bytes(key), "id");

        assertThat(before == Arm.EXISTING || after == Arm.CANDIDATE).isTrue();
    }

    @Property
    void theCandidateServesNoUnitAtZeroAndEveryUnitAtAHundredPercent(@ForAll @StringLength(max = 20) String key) {
        assertThat(TrafficSplit.of(States.serving(0)).arm(bytes(key), "id")).isEqualTo(Arm.EXISTING);
        assertThat(TrafficSplit.of(States.serving(HashBuckets.COUNT)).arm(bytes(key), "id"))
                .isEqualTo(Arm.CANDIDATE);
    }

    @Property
    void oneModelServesAllRequestsOfAKey(
            @ForAll @IntRange(max = 100_000) int share, @ForAll String key, @ForAll String one, @ForAll String other) {
        TrafficSplit split = TrafficSplit.of(States.serving(share));

        assertThat(split.arm(bytes(key), one)).isEqualTo(split.arm(bytes(key), other));
    }

    @Property
    void theArmIsThatOfTheUnitUnderTheRolloutsSalt(
            @ForAll @IntRange(min = 1, max = 100_000) int share, @ForAll String key, @ForAll String request) {
        RolloutState byKey = States.serving(share);
        RolloutState byRequest = with(byKey, rollout -> rollout.setUnit(RandomisationUnit.REQUEST));

        assertThat(TrafficSplit.of(byKey).arm(bytes(key), request))
                .isEqualTo(TrafficSplit.arm("salt", key, new Share(share)));
        assertThat(TrafficSplit.of(byRequest).arm(bytes(key), request))
                .isEqualTo(TrafficSplit.arm("salt", request, new Share(share)));
    }

    @Test
    void theExistingModelServesARequestWithoutAKey() {
        assertThat(TrafficSplit.of(States.serving(HashBuckets.COUNT)).arm(null, "id"))
                .isEqualTo(Arm.EXISTING);
    }

    @Test
    void anotherSaltMakesAnotherSplit() {
        TrafficSplit one = TrafficSplit.of(States.serving(50_000));
        TrafficSplit other = TrafficSplit.of(with(States.serving(50_000), rollout -> rollout.setSalt("another salt")));

        long same = KEYS.stream()
                .filter(key -> one.arm(bytes(key), "id") == other.arm(bytes(key), "id"))
                .count();

        assertThat(same).isBetween(9_600L, 10_400L);
    }

    @Test
    void theMirrorsSampleSaysNothingAboutALaterArm() {
        TrafficSplit shadow = TrafficSplit.of(States.mirroring(20_000));
        TrafficSplit canary = TrafficSplit.of(States.serving(20_000));

        List<String> mirrored =
                KEYS.stream().filter(key -> shadow.mirrors(bytes(key), "id")).toList();
        long served = mirrored.stream()
                .filter(key -> canary.arm(bytes(key), "id") == Arm.CANDIDATE)
                .count();

        assertThat(mirrored).hasSizeBetween(3_800, 4_200);
        assertThat(served).isBetween(680L, 920L);
    }

    @Test
    void aRolloutThatHasEndedIsNotActive() {
        RolloutState running = States.serving(5000);
        RolloutState ended = with(running, rollout -> rollout.setEndedAt(Instant.EPOCH));

        assertThat(TrafficSplit.of(running).activeRollout()).contains(running.getRollout());
        assertThat(TrafficSplit.of(ended).activeRollout()).isEmpty();
        assertThat(TrafficSplit.of(ended).state()).isEqualTo(ended);
    }

    @Test
    void withoutARolloutTheExistingModelServesEveryUnit() {
        assertThat(TrafficSplit.of(States.withoutRollout()).arm(bytes("key"), "id"))
                .isEqualTo(Arm.EXISTING);
    }

    private static byte[] bytes(String key) {
        return key.getBytes(UTF_8);
    }
}

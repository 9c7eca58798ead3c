package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.answer;
import static io.understudy.collecting.CollectingFixture.at;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.outcome;
import static io.understudy.collecting.CollectingFixture.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.ArmRequests;
import io.understudy.schema.BucketRequests;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.PredictionStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which requests count as having their outcome, and from when on. Windows of a second; outcomes come within ten. */
class OutcomeMaturityTest {

    private static final String CANARY = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            window: 1s
            coverage: {after: 10s}
            metrics: [{name: brier, kind: brier, role: success, mde: 0.1}]
            stages: [{kind: canary, share: 50%}]
            fallback: {deadline: 1s}
            """;

    private static final String SHADOW =
            CANARY.replace("{kind: canary, share: 50%}", "{kind: shadow}").replace("fallback: {deadline: 1s}\n", "");

    private final CollectingFixture fixture = CollectingFixture.empty();
    private WindowCollector collector = fixture.collector();
    private final LiveRollout canary = live(CANARY);
    private final List<EvidenceBlock> windows = new ArrayList<>();

    /** Takes every source to a time and closes what is complete. */
    private void reach(LiveRollout live, long millis) {
        for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
            answer(collector, live, millis, prediction(live, arm + "@" + millis, arm, 0.5));
        }
        // Of no request that counts.
        collector.recordArrival(Source.OUTCOMES, at(millis), at(millis));
        keep(collector.closeComplete(Optional.of(live), at(millis)));
    }

    private void keep(List<PartialEvidence> partials) {
        partials.forEach(partial -> windows.addAll(partial.getBlocks()));
    }

    /** Requests and observations of an arm, of all windows up to a time. */
    private List<Long> mature(Arm arm, long toMillis) {
        long[] sums = new long[2];
        for (EvidenceBlock window : windows) {
            List<ArmRequests> counts = window.getMatureCoverage();
            for (int i = 0; i < counts.size() && window.getWindowStart().isBefore(START.plusMillis(toMillis)); i++) {
                List<BucketRequests> buckets = arm == Arm.CANDIDATE
                        ? counts.get(i).getCandidate()
                        : counts.get(i).getExisting();
                sums[i] +=
                        buckets.stream().mapToLong(BucketRequests::getRequests).sum();
            }
        }
        return List.of(sums[0], sums[1]);
    }

    private void answers(String id, Arm arm, long millis) {
        answer(collector, canary, millis, prediction(canary, id, arm, 0.5));
    }

    @Test
    void aRequestCountsOnceItIsOldEnoughWhetherItHasItsOutcomeOrNot() {
        answers("a", Arm.EXISTING, 100);
        answers("b", Arm.EXISTING, 200);
        answers("c", Arm.CANDIDATE, 300);
        outcome(collector, canary, 4000, "a", true);
        reach(canary, 11_500);
        assertThat(mature(Arm.EXISTING, 60_000))
                .as("the windows up to ten seconds are closed")
                .containsExactly(0L, 0L);
        reach(canary, 14_000);

        assertThat(mature(Arm.EXISTING, 10_000)).containsExactly(0L, 0L);
        assertThat(mature(Arm.EXISTING, 11_000))
                .as("eleven seconds after the span began")
                .containsExactly(2L, 1L);
        assertThat(mature(Arm.CANDIDATE, 11_000)).containsExactly(1L, 0L);
    }

    @Test
    void anOutcomeThatComesLaterIsCountedAsAnObservationButNotAsCoverage() {
        answers("a", Arm.EXISTING, 100);
        answers("b", Arm.EXISTING, 200);
        outcome(collector, canary, 10_900, "a", true);
        outcome(collector, canary, 11_100, "b", true);
        reach(canary, 14_000);

        assertThat(mature(Arm.EXISTING, 60_000)).containsExactly(2L, 1L);
        assertThat(windows.stream()
                        .mapToLong(EvidenceBlock::getExistingLabelled)
                        .sum())
                .isEqualTo(2);
    }

    @Test
    void aRequestThatAnEarlierVersionAnsweredIsNeitherARequestNorAnObservation() {
        CollectingFixture earlier = CollectingFixture.empty();
        answer(earlier.collector(), canary, 100, prediction(canary, "a", Arm.EXISTING, 0.5));
        earlier.pending.forEach((id, request) -> fixture.pending.put(
                id, PendingRequest.newBuilder(request).setAnsweredAt(null).build()));
        outcome(collector, canary, 4000, "a", true);
        reach(canary, 14_000);

        assertThat(earlier.pending).hasSize(1);
        assertThat(mature(Arm.EXISTING, 60_000)).containsExactly(0L, 0L);
    }

    @Test
    void theOrderInWhichAnAnswerAndItsOutcomeAreReadMakesNoDifference() {
        outcome(collector, canary, 3000, "in time", true);
        outcome(collector, canary, 12_000, "late", true);
        answers("in time", Arm.CANDIDATE, 100);
        answers("late", Arm.CANDIDATE, 200);
        reach(canary, 14_000);

        assertThat(mature(Arm.CANDIDATE, 60_000)).containsExactly(2L, 1L);
    }

    @Test
    void aFallbackCountsForTheCandidatesArm() {
        answer(
                collector,
                canary,
                100,
                prediction(canary, "a", Arm.EXISTING, 0.5)
                        .setFallback(true)
                        .setFallbackStatus(PredictionStatus.TIMEOUT));
        outcome(collector, canary, 200, "a", true);
        reach(canary, 14_000);

        assertThat(mature(Arm.CANDIDATE, 60_000)).containsExactly(1L, 1L);
        assertThat(mature(Arm.EXISTING, 60_000)).containsExactly(0L, 0L);
    }

    @Test
    void noRequestGrowsOldByTheWallClockWhileOutcomesAreNotRead() {
        answers("a", Arm.EXISTING, 100);
        answers("b", Arm.CANDIDATE, 100);
        keep(collector.closeComplete(at(60_000)));
        answers("c", Arm.EXISTING, 55_000);
        keep(collector.closeComplete(at(80_000)));
        assertThat(windows).isNotEmpty();
        assertThat(mature(Arm.EXISTING, 90_000)).containsExactly(0L, 0L);

        outcome(collector, canary, 5000, "a", true);
        collector.recordArrival(Source.OUTCOMES, at(30_000), at(80_000));
        answers("d", Arm.EXISTING, 85_000);
        keep(collector.closeComplete(at(100_000)));
        assertThat(mature(Arm.EXISTING, 100_000)).containsExactly(1L, 1L);
        assertThat(mature(Arm.CANDIDATE, 100_000)).containsExactly(1L, 0L);
    }

    @Test
    void inAShadowARequestCountsWithBothAnswersAndForEachArmIfItHasAScore() {
        LiveRollout shadow = live(SHADOW);
        for (String id : List.of("both", "none of the candidate", "unanswered")) {
            answer(collector, shadow, 100, prediction(shadow, id, Arm.EXISTING, 0.5));
            outcome(collector, shadow, 200, id, true);
        }
        answer(collector, shadow, 300, prediction(shadow, "both", Arm.CANDIDATE, 0.5));
        answer(
                collector,
                shadow,
                300,
                prediction(shadow, "none of the candidate", Arm.CANDIDATE, 0.5)
                        .setStatus(PredictionStatus.ERROR)
                        .setScore(null));
        reach(shadow, 14_000);

        assertThat(mature(Arm.EXISTING, 60_000)).containsExactly(2L, 2L);
        assertThat(mature(Arm.CANDIDATE, 60_000)).containsExactly(2L, 1L);
    }

    @Test
    void continuesFromWhatItKept() throws IOException {
        answers("a", Arm.EXISTING, 100);
        answers("b", Arm.CANDIDATE, 100);
        WindowCollector before = collector;
        collector = fixture.collector();
        before.takeChangedClock().ifPresent(collector::restore);
        for (OpenEvidence kept : before.takeChangedWindows()) {
            collector.restore(
                    canary,
                    OpenEvidence.getDecoder().decode(OpenEvidence.getEncoder().encode(kept)));
        }
        outcome(collector, canary, 4000, "a", true);
        reach(canary, 14_000);

        assertThat(mature(Arm.EXISTING, 60_000)).containsExactly(1L, 1L);
        assertThat(mature(Arm.CANDIDATE, 60_000)).containsExactly(1L, 0L);
    }
}

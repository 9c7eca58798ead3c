package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.CANARY;
import static io.understudy.collecting.CollectingFixture.SHADOW;
import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.answer;
import static io.understudy.collecting.CollectingFixture.at;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.nextEpoch;
import static io.understudy.collecting.CollectingFixture.outcome;
import static io.understudy.collecting.CollectingFixture.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.PredictionStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WindowCollectorTest {

    private final CollectingFixture fixture = CollectingFixture.empty();
    private final WindowCollector collector = fixture.collector();
    private final LiveRollout shadow = live(SHADOW);

    @Test
    void countsARequestOnceBothAnswersAndItsOutcomeHaveArrivedInAnyOrder() {
        assertThat(outcome(collector, shadow, 100, "r", true)).isEqualTo(Collected.COUNTED);
        assertThat(answer(collector, shadow, 110, prediction(shadow, "r", Arm.CANDIDATE, 0.9)))
                .isEqualTo(Collected.COUNTED);
        assertThat(answer(collector, shadow, 120, prediction(shadow, "r", Arm.EXISTING, 0.6)))
                .isEqualTo(Collected.COMPLETED);

        EvidenceBlock window = onlyWindow(closeAfter(5000));
        assertThat(window.getExistingRequests()).isEqualTo(1);
        assertThat(window.getCandidateRequests()).isEqualTo(1);
        assertThat(window.getExistingLabelled()).isEqualTo(1);
        assertThat(window.getDisagreements())
                .singleElement()
                .satisfies(
                        disagreement -> assertThat(disagreement.getRequestId()).isEqualTo("r"));
    }

    @Test
    void countsARedeliveredRecordOnce() {
        outcome(collector, shadow, 100, "r", true);
        answer(collector, shadow, 110, prediction(shadow, "r", Arm.EXISTING, 0.6));
        assertThat(outcome(collector, shadow, 120, "r", true)).isEqualTo(Collected.DUPLICATE);
        assertThat(answer(collector, shadow, 130, prediction(shadow, "r", Arm.EXISTING, 0.6)))
                .isEqualTo(Collected.DUPLICATE);
        answer(collector, shadow, 140, prediction(shadow, "r", Arm.CANDIDATE, 0.9));
        assertThat(answer(collector, shadow, 150, prediction(shadow, "r", Arm.CANDIDATE, 0.9)))
                .as("after it has been counted")
                .isEqualTo(Collected.DUPLICATE);
        assertThat(onlyWindow(closeAfter(5000)).getExistingRequests()).isEqualTo(1);
    }

    @Test
    void leavesOutcomesAfterTheOutcomeWindowOut() {
        answer(collector, shadow, 0, prediction(shadow, "r", Arm.EXISTING, 0.6));
        long hour = Duration.ofHours(1).toMillis();
        assertThat(outcome(collector, shadow, hour + 1, "r", true)).isEqualTo(Collected.LATE);
        answer(collector, shadow, 0, prediction(shadow, "s", Arm.EXISTING, 0.6));
        assertThat(outcome(collector, shadow, hour + 1, "s", true)).isNotEqualTo(Collected.COMPLETED);
    }

    @Test
    void neverMixesTheEvidenceOfTwoEpochs() {
        answer(collector, shadow, 100, prediction(shadow, "r", Arm.EXISTING, 0.6));
        LiveRollout next = nextEpoch(shadow);
        assertThat(outcome(collector, next, 200, "r", true)).isEqualTo(Collected.STALE);
        answer(collector, next, 300, prediction(next, "s", Arm.EXISTING, 0.6));
        List<PartialEvidence> partials = closeAfter(next, 5000);
        assertThat(partials).extracting(PartialEvidence::getEpoch).containsOnly(2);
        assertThat(onlyWindow(partials).getExistingRequests()).isEqualTo(1);
    }

    @Test
    void countsOnlyRequestsThatAreInTheMirroredSample() {
        LiveRollout sampled = live(SHADOW.replace("kind: shadow,", "kind: shadow, mirror: 20%,"));
        int mirrored = 0;
        for (int i = 0; i < 200; i++) {
            Collected result = answer(collector, sampled, i, prediction(sampled, "r-" + i, Arm.EXISTING, 0.6));
            mirrored += result == Collected.NOT_EVIDENCE ? 0 : 1;
        }
        assertThat(mirrored).isBetween(15, 70);
        assertThat(onlyWindow(closeAfter(sampled, 5000)).getExistingRequests()).isEqualTo(mirrored);
    }

    @Test
    void countsAServedAnswerOfTheCandidateOnceThoughItPassesTheGuard() {
        LiveRollout canary = live(CANARY);
        Arrival beforeTheGuard = collector.recordArrival(Source.CANDIDATE_PREDICTIONS, at(100), at(100));
        assertThat(collector.collectAnswer(
                        beforeTheGuard,
                        canary,
                        prediction(canary, "r", Arm.CANDIDATE, 0.5).build(),
                        new byte[] {1}))
                .isEqualTo(Collected.NOT_EVIDENCE);
        assertThat(answer(collector, canary, 150, prediction(canary, "r", Arm.CANDIDATE, 0.5)))
                .isEqualTo(Collected.COUNTED);
    }

    @Test
    void countsAFallbackForTheCandidatesArm() {
        LiveRollout canary = live(CANARY);
        answer(
                collector,
                canary,
                100,
                prediction(canary, "r", Arm.EXISTING, 0.5).setFallback(true).setFallbackStatus(PredictionStatus.ERROR));
        answer(collector, canary, 110, prediction(canary, "s", Arm.EXISTING, 0.5));
        EvidenceBlock window = onlyWindow(collector.closeComplete(at(60_000)));
        assertThat(window.getCandidateRequests()).isEqualTo(1);
        assertThat(window.getExistingRequests()).isEqualTo(1);
    }

    @Test
    void tellsOfEachRequestWhoseSenderIsAheadOnce() {
        Instant routedAt = START.plusMillis(100);
        for (String id : List.of("ahead", "within")) {
            Instant receivedAt = routedAt.plusSeconds(id.equals("ahead") ? 61 : 60);
            for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
                answer(
                        collector,
                        shadow,
                        100,
                        prediction(shadow, id, arm, 0.6).setRoutedAt(routedAt).setReceivedAt(receivedAt));
            }
        }
        assertThat(onlyWindow(closeAfter(5000)).getRequestsAhead()).isEqualTo(1);
    }

    @Test
    void closesAWindowWhenEverySourceHasPassedItsEnd() {
        answer(collector, shadow, 100, prediction(shadow, "r", Arm.EXISTING, 0.6));
        answer(collector, shadow, 6000, prediction(shadow, "s", Arm.EXISTING, 0.6));
        answer(collector, shadow, 6000, prediction(shadow, "s", Arm.CANDIDATE, 0.6));
        assertThat(collector.closeComplete(Optional.of(shadow), at(500)))
                .as("outcomes have not come so far")
                .isEmpty();
        outcome(collector, shadow, 6000, "x", true);
        List<PartialEvidence> closed = collector.closeComplete(Optional.of(shadow), at(500));
        assertThat(closed).singleElement().satisfies(partial -> {
            assertThat(partial.getCompleteTo()).isEqualTo(START.plusSeconds(5));
            assertThat(partial.getPartitions()).isEqualTo(1);
        });
        assertThat(onlyWindow(closed).getClosedByWallClock()).isFalse();
    }

    @Test
    void closesAWindowByTheWallClockWhenEverySourceIsSilent() {
        answer(collector, shadow, 100, prediction(shadow, "r", Arm.EXISTING, 0.6));
        assertThat(collector.closeComplete(at(5999))).isEmpty();
        assertThat(onlyWindow(collector.closeComplete(at(6000))).getClosedByWallClock())
                .isTrue();
    }

    @Test
    void countsARecordBehindItsSourceInTheFirstOpenWindow() {
        closeAfter(5000);
        answer(collector, shadow, 200, prediction(shadow, "late", Arm.EXISTING, 0.6));
        EvidenceBlock window = onlyWindow(collector.closeComplete(at(60_000)));
        assertThat(window.getWindowStart()).isEqualTo(START.plusSeconds(5));
    }

    @Test
    void continuesFromWhatItKept() {
        answer(collector, shadow, 100, prediction(shadow, "r", Arm.EXISTING, 0.6));
        answer(collector, shadow, 110, prediction(shadow, "r", Arm.CANDIDATE, 0.9));
        WindowCollector successor = fixture.collector();
        collector.takeChangedClock().ifPresent(successor::restore);
        List<OpenEvidence> kept = collector.takeChangedWindows();
        kept.forEach(windows -> successor.restore(shadow, windows));

        assertThat(kept).hasSize(1);
        assertThat(collector.takeChangedWindows())
                .as("nothing has changed since")
                .isEmpty();
        assertThat(collector.takeChangedClock()).isEmpty();
        assertThat(outcome(successor, shadow, 120, "r", true)).isEqualTo(Collected.COMPLETED);
        assertThat(onlyWindow(successor.closeComplete(at(60_000))).getExistingLabelled())
                .isEqualTo(1);
    }

    @Test
    void dropsTheWindowsOfRolloutsThatHaveEnded() {
        answer(collector, shadow, 100, prediction(shadow, "r", Arm.EXISTING, 0.6));
        assertThat(collector.deployments()).containsExactly("d");
        collector.refresh(List.of(), at(200));
        assertThat(collector.deployments()).isEmpty();
        assertThat(collector.closeComplete(at(60_000))).isEmpty();
    }

    @Test
    void opensWindowsForARolloutThatHasNoTrafficSoThatItsSilenceShows() {
        collector.refresh(List.of(shadow), at(0));
        assertThat(collector.closeComplete(at(60_000))).singleElement().satisfies(partial -> {
            assertThat(partial.getBlocks()).isEmpty();
            assertThat(partial.getCompleteTo()).isEqualTo(START.plusSeconds(55));
        });
    }

    /** Takes every source past a time, and returns what is closed. */
    private List<PartialEvidence> closeAfter(long millis) {
        return closeAfter(shadow, millis);
    }

    private List<PartialEvidence> closeAfter(LiveRollout live, long millis) {
        for (Source source : Source.values()) {
            collector.recordArrival(source, at(millis), at(millis));
        }
        return collector.closeComplete(Optional.of(live), at(millis));
    }

    private static EvidenceBlock onlyWindow(List<PartialEvidence> partials) {
        List<EvidenceBlock> windows = partials.stream()
                .flatMap(partial -> partial.getBlocks().stream())
                .toList();
        assertThat(windows).hasSize(1);
        return windows.get(0);
    }
}

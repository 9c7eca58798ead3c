package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.answer;
import static io.understudy.collecting.CollectingFixture.at;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.ArmRequests;
import io.understudy.schema.BucketRequests;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the requests of both arms are complete. The candidate has two seconds, so five are waited for. */
class RouteProgressTest {

    private final CollectingFixture fixture = CollectingFixture.empty();
    private WindowCollector collector = fixture.collector();
    private final LiveRollout canary = live(CollectingFixture.CANARY);
    private int number;

    private Prediction.Builder routed(Arm arm, long routedAt) {
        return prediction(canary, "r-" + number++, arm, 0.5).setRoutedAt(START.plusMillis(routedAt));
    }

    private void answers(Arm arm, long routedAt) {
        answer(collector, canary, routedAt, routed(arm, routedAt));
    }

    private void fallsBack(long routedAt) {
        answer(
                collector,
                canary,
                routedAt,
                routed(Arm.EXISTING, routedAt).setFallback(true).setFallbackStatus(PredictionStatus.TIMEOUT));
    }

    /** The complete requests of the existing model's arm and of the candidate's, when everything is closed. */
    private List<Long> complete() {
        long[] sums = new long[2];
        for (PartialEvidence partial : collector.closeComplete(at(3_600_000))) {
            partial.getBlocks().stream()
                    .flatMap(block -> block.getComplete().stream())
                    .forEach(requests -> add(requests, sums));
        }
        return List.of(sums[0], sums[1]);
    }

    private static void add(ArmRequests requests, long[] sums) {
        sums[0] += requests.getExisting().stream()
                .mapToLong(BucketRequests::getRequests)
                .sum();
        sums[1] += requests.getCandidate().stream()
                .mapToLong(BucketRequests::getRequests)
                .sum();
    }

    private void answersOfSixSeconds(long last) {
        answers(Arm.EXISTING, 500);
        answers(Arm.CANDIDATE, 500);
        answers(Arm.EXISTING, 1500);
        answers(Arm.EXISTING, 3500);
        answers(Arm.EXISTING, last);
    }

    @Test
    void aRequestIsCompleteWhenTheExistingModelHasAnsweredOneThatWasRoutedLongAfterIt() {
        answersOfSixSeconds(6000);

        assertThat(complete()).as("routed in the first second").containsExactly(1L, 1L);
    }

    @Test
    void aRequestIsNotCompleteWhileTheCandidateMayStillAnswerIt() {
        answersOfSixSeconds(5999);

        assertThat(complete()).containsExactly(0L, 0L);
    }

    @Test
    void theCandidatesOwnAnswersDoNotShowThatOthersHaveArrived() {
        answers(Arm.EXISTING, 500);
        answers(Arm.CANDIDATE, 60_000);
        fallsBack(60_000);

        assertThat(complete()).containsExactly(0L, 0L);
    }

    @Test
    void aLateFallbackCountsWithTheRequestsThatWereRoutedWithIt() {
        answers(Arm.EXISTING, 500);
        answers(Arm.EXISTING, 3000);
        answers(Arm.EXISTING, 5500);
        fallsBack(500);
        answers(Arm.EXISTING, 6100);

        assertThat(complete()).containsExactly(1L, 1L);
    }

    @Test
    void anAnswerThatComesAfterItsTimeWasCompleteCountsAtOnce() {
        answers(Arm.EXISTING, 500);
        answers(Arm.EXISTING, 60_000);
        answers(Arm.EXISTING, 62_500);
        fallsBack(600);

        assertThat(complete()).containsExactly(1L, 1L);
    }

    @Test
    void whileARouterStandsStillNoRequestBecomesComplete() {
        answers(Arm.EXISTING, 500);
        answers(Arm.EXISTING, 60_000);
        answers(Arm.EXISTING, 61_900);

        assertThat(complete()).as("a request of 0.5 s may wait until 62 s").containsExactly(0L, 0L);
    }

    @Test
    void theRequestsBeforeAPauseAreCompleteWhenTheCandidateHasHadItsTime() {
        answers(Arm.EXISTING, 500);
        answers(Arm.EXISTING, 60_000);
        fallsBack(500);
        answers(Arm.EXISTING, 62_600);

        assertThat(complete()).containsExactly(1L, 1L);
    }

    @Test
    void answersWithoutARoutingTimeShowNothing() {
        for (int i = 0; i < 3; i++) {
            answer(collector, canary, 30_000L * i, prediction(canary, "r-" + i, Arm.EXISTING, 0.5));
        }

        assertThat(complete()).containsExactly(0L, 0L);
    }

    @Test
    void continuesFromWhatItKept() throws IOException {
        answers(Arm.EXISTING, 500);
        answers(Arm.CANDIDATE, 700);
        answers(Arm.EXISTING, 5000);
        WindowCollector before = collector;
        collector = fixture.collector();
        before.takeChangedClock().ifPresent(collector::restore);
        for (OpenEvidence kept : before.takeChangedWindows()) {
            collector.restore(
                    canary,
                    OpenEvidence.getDecoder().decode(OpenEvidence.getEncoder().encode(kept)));
        }
        answers(Arm.EXISTING, 6100);

        assertThat(complete()).containsExactly(1L, 1L);
    }
}

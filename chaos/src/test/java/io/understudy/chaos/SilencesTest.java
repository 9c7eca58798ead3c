package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SilencesTest {

    private final Silences silences = new Silences();

    @Test
    void aSilenceBeginsWithTheLastAnswerOrTheOldestRequestThatWaits() {
        silences.request("a", "1", 1000);
        silences.answer("a", "1", 1100);
        silences.request("a", "2", 5000);
        silences.request("a", "3", 5500);
        silences.answer("a", "3", 7000);
        silences.answer("a", "2", 7500);

        assertThat(silences.longestSilence(9000)).isEqualTo(2000);
        assertThat(silences.longestWait(9000)).isEqualTo(2500);
    }

    @Test
    void aSilenceThatLastsCounts() {
        silences.request("a", "1", 1000);
        silences.request("b", "2", 3000);

        assertThat(silences.longestSilence(6000)).isEqualTo(5000);
        assertThat(silences.oldestWait(6000)).isEqualTo(5000);
        assertThat(silences.waiting()).isEqualTo(2);
    }

    @Test
    void aResetForgetsWhatHasBeenAndNotWhatWaits() {
        silences.request("a", "1", 1000);
        silences.answer("a", "1", 4000);
        silences.request("a", "2", 4500);
        silences.reset();

        assertThat(silences.longestSilence(5000)).isEqualTo(500);
        assertThat(silences.longestWait(5000)).isEqualTo(500);
    }

    @Test
    void aRequestIsLostOnceAMuchLaterOneOfItsSeriesIsAnswered() {
        silences.request("a", "lost", 1000);
        silences.request("b", "late", 1000);
        silences.request("a", "2", 20_000);
        silences.answer("a", "2", 21_000);
        assertThat(silences.overtaken(30_000)).isEmpty();

        silences.request("a", "3", 40_000);
        silences.answer("a", "3", 41_000);

        assertThat(silences.overtaken(30_000)).containsExactly("lost");
        assertThat(silences.waiting()).isEqualTo(1);
    }

    @Test
    void everySeriesMustHaveAnsweredANewRequest() {
        silences.request("a", "1", 1000);
        silences.request("b", "2", 1000);
        silences.answer("a", "1", 1100);
        assertThat(silences.silentSince(1000)).containsExactly("b");

        silences.answer("b", "2", 1200);

        assertThat(silences.silentSince(1000)).isEmpty();
        assertThat(silences.silentSince(1001)).containsExactly("a", "b");
    }
}

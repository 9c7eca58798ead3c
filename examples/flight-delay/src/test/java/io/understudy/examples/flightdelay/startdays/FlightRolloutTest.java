package io.understudy.examples.flightdelay.startdays;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.examples.flightdelay.Airports;
import io.understudy.plan.RolloutSpec;
import io.understudy.plan.SpecReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rollouts of the example on its two weeks of flights, as the demo plays them. */
class FlightRolloutTest {

    private static final Path HOME = Path.of(".");
    private static final Duration DAY = Duration.ofSeconds(8);
    private static final LocalDateTime START = LocalDateTime.of(2001, 3, 5, 0, 0);
    private static final int DAYS = 14;

    private static Flights flights;
    private static float[] existingScores;

    @BeforeAll
    static void read() throws Exception {
        flights = Flights.read(
                Path.of("data/flights-2001-03-05.csv.gz"), Airports.read(HOME.resolve("models/airports.csv")));
        existingScores = OnnxScores.of(
                HOME,
                SpecReader.deployment(Files.readString(HOME.resolve("deployment.yaml")))
                        .existing(),
                flights.features());
    }

    @Test
    void theBetterCandidateIsPromoted() throws Exception {
        Ending ending = play("rollout.yaml", START);
        assertThat(ending.status()).as("%s", ending).isEqualTo(Ending.Status.PROMOTED);
        assertThat(ending.candidateBrier()).isLessThan(ending.existingBrier());
    }

    @Test
    void theInvertedCandidateIsAbortedInShadow() throws Exception {
        Ending ending = play("rollout-inverted.yaml", START);
        assertThat(ending.status()).as("%s", ending).isEqualTo(Ending.Status.ABORTED);
        assertThat(ending.stage()).isZero();
        assertThat(ending.candidateBrier()).isGreaterThan(ending.existingBrier());
    }

    @Test
    void theCandidateThatIsBrokenOnBadDaysIsNotPromoted() throws Exception {
        assertThat(play("rollout-broken.yaml", START).status()).isNotEqualTo(Ending.Status.PROMOTED);
    }

    private static Ending play(String file, LocalDateTime start) throws Exception {
        RolloutSpec spec = SpecReader.rollout(Files.readString(HOME.resolve(file)));
        float[] candidateScores = OnnxScores.of(HOME, spec.candidate(), flights.features());
        return new FlightRollout(spec, flights, existingScores, candidateScores, DAY)
                .play(start.toInstant(ZoneOffset.UTC).toEpochMilli(), DAYS);
    }
}

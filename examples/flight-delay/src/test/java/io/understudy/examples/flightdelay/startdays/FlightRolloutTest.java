package io.understudy.examples.flightdelay.startdays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.startdays.CyclesToShow.Claim;
import io.understudy.plan.EvidencePlan;
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
    static void readFlights() throws Exception {
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
        assertThat(ending.shadowDays()).as("whole cycles").contains(7.0);
    }

    @Test
    void withoutCyclesTheShadowPassesWithinADay() throws Exception {
        RolloutSpec spec = WithoutCycles.of(read("rollout.yaml"));
        assertThat(play(spec, START).shadowDays())
                .hasValueSatisfying(days -> assertThat(days).isLessThan(1));
    }

    @Test
    void theInvertedCandidateIsAbortedInShadow() throws Exception {
        Ending ending = play("rollout-inverted.yaml", START);
        assertThat(ending.status()).as("%s", ending).isEqualTo(Ending.Status.ABORTED);
        assertThat(ending.stage()).isZero();
        assertThat(ending.days()).as("whole cycles").isGreaterThanOrEqualTo(7).isEqualTo(Math.rint(ending.days()));
        assertThat(ending.candidateBrier()).isGreaterThan(ending.existingBrier());
    }

    @Test
    void theCandidateThatIsBrokenOnBadDaysIsNotPromoted() throws Exception {
        assertThat(play("rollout-broken.yaml", START).status()).isNotEqualTo(Ending.Status.PROMOTED);
    }

    @Test
    void theDaysShowWhichCandidateIsBetterAndWhichIsWorse() throws Exception {
        CyclesToShow better = cycles("rollout.yaml");
        CyclesToShow inverted = cycles("rollout-inverted.yaml");
        assertThat(better.of(Claim.BETTER, millis(START), DAYS, Math.log(20)))
                .satisfies(days -> assertThat(days.orElseThrow()).isBetween(5, 7));
        assertThat(better.of(Claim.WORSE, millis(START), DAYS, Math.log(20))).isEmpty();
        assertThat(inverted.of(Claim.WORSE, millis(START), DAYS, Math.log(160)))
                .satisfies(days -> assertThat(days.orElseThrow()).isBetween(8, 10));
        assertThat(inverted.of(Claim.BETTER, millis(START), DAYS, Math.log(20))).isEmpty();
    }

    @Test
    void beingWorseNeedsMoreThanBeingBetterBecauseEveryMetricOfEveryStageCouldAbort() throws Exception {
        EvidencePlan plan = read("rollout.yaml").evidence();
        assertThat(Claim.BETTER.threshold(plan)).isCloseTo(Math.log(20), within(1e-9));
        assertThat(Claim.WORSE.threshold(plan)).isCloseTo(Math.log(160), within(1e-9));
    }

    private static CyclesToShow cycles(String file) throws Exception {
        return new CyclesToShow(flights, existingScores, scores(read(file)));
    }

    private static Ending play(String file, LocalDateTime start) throws Exception {
        return play(read(file), start);
    }

    private static Ending play(RolloutSpec spec, LocalDateTime start) throws Exception {
        return new FlightRollout(spec, flights, existingScores, scores(spec), DAY).play(millis(start), DAYS);
    }

    private static RolloutSpec read(String file) throws Exception {
        return SpecReader.rollout(Files.readString(HOME.resolve(file)));
    }

    private static float[] scores(RolloutSpec spec) throws Exception {
        return OnnxScores.of(HOME, spec.candidate(), flights.features());
    }

    private static long millis(LocalDateTime start) {
        return start.toInstant(ZoneOffset.UTC).toEpochMilli();
    }
}

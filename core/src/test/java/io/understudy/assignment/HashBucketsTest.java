package io.understudy.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashBucketsTest {

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource({"fractional-flag,jack,62463", "fractional-flag,ten,18669", "shared-seed,seven,66456"})
    void agreesWithTheFractionalOperatorOfFlagd(String salt, String unit, int bucket) {
        assertThat(HashBuckets.of(salt, unit)).isEqualTo(bucket);
    }

    @Property(seed = "42")
    void isWithinRangeForAnyText(
            @ForAll @StringLength(max = 30) String salt, @ForAll @StringLength(max = 30) String unit) {
        assertThat(HashBuckets.of(salt, unit)).isBetween(0, HashBuckets.COUNT - 1);
    }

    @ParameterizedTest
    @CsvSource({"1000", "5000", "25000", "50000"})
    void givesEachShareItsPart(int share) {
        int units = 100_000;
        int hit = 0;
        for (int unit = 0; unit < units; unit++) {
            hit += HashBuckets.of("salt", "unit-" + unit) < share ? 1 : 0;
        }
        double p = (double) share / HashBuckets.COUNT;
        double sigma = Math.sqrt(units * p * (1 - p));
        assertThat((double) hit).isBetween(units * p - 4 * sigma, units * p + 4 * sigma);
    }
}

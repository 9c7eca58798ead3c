package io.understudy.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashBucketsTest {

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource({"fractional-flag,jack,62463", "fractional-flag,ten,18669", "shared-seed,seven,66456"})
    void agreesWithTheFractionalOperatorOfFlagd(String salt, String unit, int bucket) {
        assertThat(HashBuckets.of(salt, unit)).isEqualTo(bucket);
    }

    @Property(seed = "42")
    void aTextHasTheBucketOfItsBytes(
            @ForAll @StringLength(max = 30) String salt, @ForAll @StringLength(max = 30) String unit) {
        assertThat(HashBuckets.of(salt, unit.getBytes(UTF_8))).isEqualTo(HashBuckets.of(salt, unit));
    }

    /** As text, most of these keys would be the same: their bytes above 127 are not valid UTF-8. */
    @Test
    void binaryKeysAreAsManyUnitsAsThereAreKeys() {
        int keys = 10_000;
        Set<Integer> buckets = new HashSet<>();
        for (long key = 0; key < keys; key++) {
            buckets.add(HashBuckets.of(
                    "salt", ByteBuffer.allocate(Long.BYTES).putLong(key).array()));
        }
        double expected = HashBuckets.COUNT * (1 - Math.exp(-(double) keys / HashBuckets.COUNT));
        assertThat((double) buckets.size()).isBetween(expected - 100, expected + 100);
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

package io.understudy.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {

    @ParameterizedTest
    @CsvSource({
        "0%, 0",
        "0.001%, 1",
        "0.01%, 10",
        "5%, 5000",
        "5 %, 5000",
        "05%, 5000",
        "12.5%, 12500",
        "99.999%, 99999",
        "100%, 100000",
        "100.000%, 100000"
    })
    void readsAPercentage(String text, int buckets) {
        assertThat(Share.parse(text)).isEqualTo(new Share(buckets));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "%", "5", "5%%", "-5%", "+5%", "5,5%", ".5%", "5.%", " 5%", "5% ", "1e1%", "0.0001%", "5\n%x", "٥%",
                "half"
            })
    void refusesWhatIsNotAPercentage(String text) {
        assertThatThrownBy(() -> Share.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a percentage");
    }

    @ParameterizedTest
    @ValueSource(strings = {"100.001%", "101%", "99999999999999999999%"})
    void refusesMoreThanAll(String text) {
        assertThatThrownBy(() -> Share.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("over 100%");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 100_001, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesBucketsThatThereAreNot(int buckets) {
        assertThatThrownBy(() -> new Share(buckets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(buckets));
    }

    @Property
    void isReadBackAsItIsWritten(@ForAll @IntRange(max = 100_000) int buckets) {
        Share share = new Share(buckets);

        assertThat(Share.parse(share.toString())).isEqualTo(share);
    }

    @ParameterizedTest
    @CsvSource({"0, 0%", "1, 0.001%", "10, 0.01%", "5000, 5%", "12500, 12.5%", "100000, 100%"})
    void isWrittenWithoutTrailingZeros(int buckets, String text) {
        assertThat(new Share(buckets)).hasToString(text);
    }

    @Property
    void isExceededExactlyByAGreaterFraction(
            @ForAll @IntRange(max = 100_000) int buckets,
            @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long part,
            @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long rest) {
        long whole = part + rest;
        BigInteger left = BigInteger.valueOf(part).multiply(BigInteger.valueOf(HashBuckets.COUNT));
        BigInteger right = BigInteger.valueOf(whole).multiply(BigInteger.valueOf(buckets));

        assertThat(new Share(buckets).isExceededBy(part, whole)).isEqualTo(left.compareTo(right) > 0);
    }

    @Property
    void isNotExceededByItself(
            @ForAll @IntRange(max = 100_000) int buckets, @ForAll @LongRange(min = 1, max = 1_000_000) long times) {
        Share share = new Share(buckets);

        assertThat(share.isExceededBy(times * buckets, times * HashBuckets.COUNT))
                .isFalse();
        assertThat(share.isExceededBy(times * buckets + 1, times * HashBuckets.COUNT))
                .isTrue();
    }

    @Test
    void nothingIsNotMoreThanNoShare() {
        assertThat(Share.NONE.isExceededBy(0, 0)).isFalse();
        assertThat(Share.NONE.isExceededBy(0, 10)).isFalse();
        assertThat(Share.NONE.isExceededBy(1, 1_000_000_000)).isTrue();
        assertThat(Share.ALL.isExceededBy(10, 10)).isFalse();
    }

    @Property
    void aWiderShareKeepsEveryBucketOfANarrowerOne(
            @ForAll @IntRange(max = 100_000) int one,
            @ForAll @IntRange(max = 100_000) int other,
            @ForAll @IntRange(max = 99_999) int bucket) {
        Share narrow = new Share(Math.min(one, other));
        Share wide = new Share(Math.max(one, other));

        assertThat(wide.includes(bucket) || !narrow.includes(bucket)).isTrue();
        assertThat(Share.ALL.includes(bucket)).isTrue();
        assertThat(Share.NONE.includes(bucket)).isFalse();
    }

    @Property(tries = 20)
    void hasAsManyBucketsAsItSays(@ForAll @IntRange(max = 100_000) int buckets) {
        Share share = new Share(buckets);

        assertThat(IntStream.range(0, HashBuckets.COUNT).filter(share::includes))
                .hasSize(buckets);
    }

    @Property
    void isOrderedByItsSize(@ForAll @IntRange(max = 100_000) int one, @ForAll @IntRange(max = 100_000) int other) {
        Share a = new Share(one);
        Share b = new Share(other);

        assertThat(Integer.signum(a.compareTo(b))).isEqualTo((int) Math.signum(a.fraction() - b.fraction()));
        assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
    }

    @Property
    void isTheSameAsAFractionAndInPercent(@ForAll @IntRange(max = 100_000) int buckets) {
        Share share = new Share(buckets);

        assertThat(share.fraction()).isBetween(0.0, 1.0).isCloseTo(buckets / 1e5, within(1e-15));
        assertThat(share.percent()).isCloseTo(100 * share.fraction(), within(1e-12));
    }

    @Test
    void knowsNoneAndAll() {
        assertThat(Share.NONE.isNone()).isTrue();
        assertThat(Share.SMALLEST.isNone()).isFalse();
        assertThat(Share.ALL.isAll()).isTrue();
        assertThat(new Share(99_999).isAll()).isFalse();
    }
}

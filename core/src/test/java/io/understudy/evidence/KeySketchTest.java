package io.understudy.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class KeySketchTest {

    private static KeySketch of(Iterable<Integer> keys) {
        KeySketch sketch = new KeySketch();
        keys.forEach(key -> sketch.add(("key-" + key).getBytes(UTF_8)));
        return sketch;
    }

    private static KeySketch range(int from, int to) {
        return of(IntStream.range(from, to).boxed().toList());
    }

    private static KeySketch merged(KeySketch... parts) {
        KeySketch sketch = new KeySketch();
        for (KeySketch part : parts) {
            sketch.addAll(part);
        }
        return sketch;
    }

    @Property(tries = 50)
    void countsEachKeyOnceHoweverItIsMerged(
            @ForAll Set<@IntRange(max = 3000) Integer> one,
            @ForAll @Size(max = 300) List<@IntRange(max = 3000) Integer> other) {
        KeySketch whole = of(other);
        one.forEach(key -> whole.add(("key-" + key).getBytes(UTF_8)));

        KeySketch forwards = merged(of(one), of(other), of(one));
        KeySketch backwards = merged(of(other), merged(of(one), of(other)));

        assertThat(forwards.count()).isEqualTo(whole.count());
        assertThat(forwards.toBytes()).isEqualTo(whole.toBytes());
        assertThat(backwards.toBytes()).isEqualTo(whole.toBytes());
    }

    @Test
    void isExactUpTo4096KeysAndWithinAFewPercentBeyond() {
        assertThat(range(0, 4096).count()).isEqualTo(4096);
        assertThat(merged(range(0, 3000), range(1096, 4096)).count()).isEqualTo(4096);
        assertThat((double) range(0, 200_000).count()).isCloseTo(200_000, Percentage.withPercentage(5));
        assertThat((double) merged(range(0, 100_000), range(100_000, 200_000)).count())
                .isCloseTo(200_000, Percentage.withPercentage(5));
    }

    @Test
    void continuesCountingAfterItWasMergedCountedAndStored() {
        KeySketch sketch = range(0, 10);
        sketch.addAll(range(5, 15));
        long before = sketch.count();
        KeySketch restored = KeySketch.fromBytes(sketch.toBytes());

        sketch.add("another".getBytes(UTF_8));
        restored.add("another".getBytes(UTF_8));
        sketch.addAll(range(0, 20));
        restored.addAll(range(0, 20));

        assertThat(before).isEqualTo(15);
        assertThat(sketch.count()).isEqualTo(21);
        assertThat(restored.toBytes()).isEqualTo(sketch.toBytes());
    }

    @Test
    void addingASketchLeavesItAsItWas() {
        KeySketch added = merged(range(0, 10));
        added.add("another".getBytes(UTF_8));
        byte[] before = added.toBytes();

        merged(range(5, 30), added).add("a third".getBytes(UTF_8));

        assertThat(added.toBytes()).isEqualTo(before);
        assertThat(added.count()).isEqualTo(11);
    }

    @Test
    void hasNoBytesWithoutAKey() {
        KeySketch none = new KeySketch();

        assertThat(none.toBytes()).isEmpty();
        assertThat(none.count()).isZero();
        assertThat(none.isEmpty()).isTrue();
        assertThat(KeySketch.fromBytes(new byte[0]).isEmpty()).isTrue();
        assertThat(merged(none, range(0, 1)).isEmpty()).isFalse();
    }

    /** As Apache DataSketches 6.2.0 writes them, with which the first versions wrote their evidence. */
    @Test
    void readsAndWritesTheBytesOfEarlierVersions() {
        byte[] one = decode("AQMDAAA6zJOxc7XkYebeKg==");
        byte[] three = decode("AgMDAAAazJMDAAAAAACAPzJI1btk2AkmsXO15GHm3irzBKsVP7mJVg==");
        byte[] sampled =
                decode("AwMDAAAazJMUAAAAAACAP7KamSP6qLM5nVC0GQ+A7wBGZnXbNJzyAHL6c/hyFtMJQ4Y2gUTJAg2SYpcnr+WoEAu9"
                        + "dc2cnfwUXMCtR4CGURcUYLvpKIG4F1xQWFpvsnIYbb+idvYaIR6MdOGttsZ8I5AyQtUzn8UjjV7dP54kIiQ6Q9pqqFhzJTJI1btk"
                        + "2AkmrUooXZe/Wyixc7XkYebeKps8zTzJjDcwplVD/b8VMji0YZQoeb1ZOQ==");

        assertThat(range(0, 1).toBytes()).isEqualTo(one);
        assertThat(range(0, 3).toBytes()).isEqualTo(three);
        assertThat(merged(KeySketch.fromBytes(three), range(0, 3)).count()).isEqualTo(3);
        assertThat(KeySketch.fromBytes(sampled).toBytes()).isEqualTo(sampled);
        assertThat(KeySketch.fromBytes(sampled).estimate()).isCloseTo(44.366_035_844, within(1e-9));
        assertThat(merged(KeySketch.fromBytes(sampled), range(0, 40)).toBytes()).isEqualTo(sampled);
    }

    private static byte[] decode(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    @Test
    void refusesBytesThatAreNotASketch() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeySketch.fromBytes("no sketch".getBytes(UTF_8)))
                .withMessage("9 bytes are not a sketch of keys");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeySketch.fromBytes(Arrays.copyOf(range(0, 3).toBytes(), 32)))
                .withMessage("a sketch of 3 keys does not have 32 bytes");
    }

    @Test
    void countsTheKeysThatAreInBothArms() {
        assertThat(KeySketch.sample(range(0, 100), range(70, 200))).isEqualTo(new KeySample(100, 130, 30));
        assertThat(KeySketch.sample(range(0, 100), range(100, 200))).isEqualTo(new KeySample(100, 100, 0));
        assertThat(KeySketch.sample(new KeySketch(), range(0, 5))).isEqualTo(new KeySample(0, 5, 0));
    }

    @Test
    void samplesBothArmsAlikeHoweverDifferentTheirSizes() {
        KeySketch large = range(0, 100_000);
        KeySketch small = range(99_000, 101_000);

        KeySample sample = KeySketch.sample(large, small);

        double chance = sample.existing() / 100_000.0;
        assertThat(chance).isBetween(0.03, 0.1);
        assertThat(sample.candidate() / 2000.0).isBetween(chance - 0.02, chance + 0.02);
        assertThat(sample.inBoth() / 1000.0).isBetween(chance - 0.03, chance + 0.03);
        assertThat(sample.smaller()).isEqualTo(sample.candidate());
    }

    /** A look after every window sees what a program sees that restores the sketch between two windows. */
    @Test
    void seesTheSameAtEveryLookAsAfterItWasStored() {
        KeySketch existing = new KeySketch();
        KeySketch candidate = new KeySketch();
        for (int window = 0; window < 60; window++) {
            existing.addAll(range(200 * window, 200 * window + 250));
            candidate.addAll(range(200 * window + 240, 200 * window + 260));
            if (window == 40) {
                existing.addAll(range(0, 9000));
            }

            KeySketch restored = KeySketch.fromBytes(existing.toBytes());

            assertThat(existing.count()).isEqualTo(restored.count());
            assertThat(KeySketch.sample(existing, candidate))
                    .isEqualTo(KeySketch.sample(restored, KeySketch.fromBytes(candidate.toBytes())));
        }
        assertThat(KeySketch.sample(existing, candidate).inBoth()).isGreaterThan(100);
        assertThat((double) existing.count()).isCloseTo(12_050, Percentage.withPercentage(5));
    }
}

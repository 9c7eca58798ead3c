package io.understudy.judging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "1, 1",
        "-2.50, -2.5",
        "0.123456, 0.1235",
        "12.3456, 12.35",
        "99999, 100000",
        "1234567, 1235000",
        "0.0001, 0.0001",
        "0.00009999, 1.00e-04",
        "-0.00001234, -1.23e-05",
        "1e-300, 1.00e-300",
        "NaN, unknown",
        "Infinity, infinity",
        "-Infinity, -infinity"
    })
    void aNumberHasFourSignificantDigits(double value, String text) {
        assertThat(Numbers.number(value)).isEqualTo(text);
    }

    @Property
    void aNumberCanBeReadBackToWithinFourDigits(@ForAll @DoubleRange(min = -1e12, max = 1e12) double value) {
        assertThat(Double.parseDouble(Numbers.number(value))).isCloseTo(value, within(0.005 * Math.abs(value)));
    }

    @ParameterizedTest
    @CsvSource({"0, 0 %", "0.05, 5 %", "1, 100 %", "0.123456, 12.35 %", "0.0000001, 1.00e-05 %"})
    void aFractionIsShownInPercent(double fraction, String text) {
        assertThat(Numbers.percent(fraction)).isEqualTo(text);
    }

    @Test
    void anUndefinedFractionIsNotANumber() {
        assertThat(Numbers.percent(Double.NaN)).doesNotContain("NaN", "%");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0ms",
        "250, 250ms",
        "999, 999ms",
        "1000, 1s",
        "1999, 1s",
        "90000, 1m30s",
        "3600000, 1h",
        "5400000, 1h30m",
        "172800000, 48h"
    })
    void aDurationIsWrittenAsInASpecification(long millis, String text) {
        assertThat(Numbers.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }
}

package io.understudy.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeValueTest {

    @Test
    void theSameValueIsEqualWhateverItsType() {
        for (Object one : List.<Object>of(1.0, true, "1", "1.0", "true", "True", " 1 ", "+1", "1e0", "01")) {
            assertThat(OutcomeValue.number(one)).as("%s", one).isEqualTo(1);
            assertThat(OutcomeValue.text(one)).as("%s", one).isEqualTo("1");
        }
        for (Object zero : List.<Object>of(0.0, -0.0, false, "0", "-0.0", "FALSE")) {
            assertThat(OutcomeValue.text(zero)).as("%s", zero).isEqualTo("0");
        }
        assertThat(OutcomeValue.text("2.50")).isEqualTo(OutcomeValue.text(2.5)).isEqualTo("2.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cat", "", "1,5", "0x1p3", "1f", "NaN", "Infinity", "1e999", "yes", "3+"})
    void anyOtherTextStaysText(String text) {
        assertThat(OutcomeValue.number(text)).isNaN();
        assertThat(OutcomeValue.text(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void anEndlessNumberIsNone(double endless) {
        assertThat(OutcomeValue.number(endless)).isNaN();
    }

    @Test
    void classesAreFoundByTheirValue() {
        ClassNames classes = ClassNames.of(List.of("0", "1", "other"));

        assertThat(classes.positionOf(true)).hasValue(1);
        assertThat(classes.positionOf(0.0)).hasValue(0);
        assertThat(classes.positionOf("other")).hasValue(2);
        assertThat(classes.positionOf("Other")).isEmpty();
        assertThat(classes.positionOf(2.0)).isEmpty();
    }
}

package io.understudy.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.assignment.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecNodeTest {

    private enum Colour {
        RED,
        DARK_BLUE
    }

    /** What is read of the value of the field {@code x}. */
    private static <T> T read(String value, Function<SpecNode, T> reader) {
        return SpecText.read("x: " + value, root -> reader.apply(root.child("x")));
    }

    private static ObjectAssert<Object> assertRead(String value, Function<SpecNode, ?> reader) {
        return assertThatObject(read(value, reader));
    }

    private static List<String> faults(String yaml, Function<SpecNode, ?> reader) {
        return catchThrowableOfType(InvalidSpecException.class, () -> SpecText.read(yaml, reader))
                .faults();
    }

    private static String fault(String value, Function<SpecNode, ?> reader) {
        List<String> faults = faults("x: " + value, root -> reader.apply(root.child("x")));
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    @ParameterizedTest
    @CsvSource({"1ms, 1", "250ms, 250", "5s, 5000", "1m, 60000", "24h, 86400000", "3650d, 315360000000"})
    void readsADurationInMilliseconds(String text, long millis) {
        assertRead(text, SpecNode::durationMillis).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "soon",
                "5",
                "5 s",
                "5w",
                "-5s",
                "1.5s",
                "5S",
                "'5s '",
                "1m30s",
                "1000000000s",
                "999999999h",
                "3651d"
            })
    void refusesWhatIsNotADuration(String text) {
        assertThat(fault(text, SpecNode::durationMillis)).startsWith("x: ").endsWith("(line 1)");
    }

    @Test
    void saysHowLongADurationMayBe() {
        assertThat(fault("999999999h", SpecNode::durationMillis))
                .isEqualTo("x: '999999999h' is too long; at most 3650d are allowed (line 1)");
    }

    @Test
    void boundsTextsAndLists() {
        assertThat(fault("s".repeat(5000), SpecNode::text))
                .isEqualTo("x: has 5000 characters; at most 4000 are allowed (line 1)");
        assertThat(fault("s".repeat(300), node -> node.text(200)))
                .isEqualTo("x: has 300 characters; at most 200 are allowed (line 1)");
        assertThat(fault("[1, 2, 3]", node -> node.elements(2, (element, index) -> index)))
                .isEqualTo("x: has 3 entries; at most 2 are allowed (line 1)");
    }

    @Test
    void showsALongValueInPart() {
        assertThat(fault("s".repeat(300), SpecNode::durationMillis))
                .startsWith("x: '" + "s".repeat(100) + "...' is not a duration");
        assertThat(fault("s".repeat(300), SpecNode::share)).startsWith("x: '" + "s".repeat(100) + "...' is not");
    }

    @Test
    void aDurationOfNothingIsTooShort() {
        assertThat(fault("0s", SpecNode::durationMillis)).isEqualTo("x: must be longer than 0 (line 1)");
    }

    @ParameterizedTest
    @CsvSource({"5%, 5000", "0.001%, 1", "100%, 100000", "0%, 0"})
    void readsAShare(String text, int buckets) {
        assertRead(text, SpecNode::share).isEqualTo(new Share(buckets));
    }

    @ParameterizedTest
    @ValueSource(strings = {"half", "0.05", "5", "101%", "''", "[5%]"})
    void refusesWhatIsNotAShare(String text) {
        assertThat(fault(text, SpecNode::share)).startsWith("x: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.10", "true", "5", "1e3"})
    void aTextThatYamlTakesForSomethingElseMustBeQuoted(String text) {
        assertThat(fault(text, SpecNode::text)).isEqualTo("x: must be text; write it in quotes (line 1)");
        assertRead("'" + text + "'", SpecNode::text).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'  '", "[a]", "{a: b}"})
    void aTextIsNeitherBlankNorAContainer(String text) {
        assertThat(fault(text, SpecNode::text)).isEqualTo("x: must be text that is not blank (line 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "~"})
    void whatIsNullIsMissing(String text) {
        assertThat(fault(text, SpecNode::text)).isEqualTo("x: is missing (line 1)");
        assertRead(text, SpecNode::isPresent).isEqualTo(false);
        assertRead(text, SpecNode::optional).isEqualTo(Optional.empty());
    }

    @Test
    void aTextMayHaveToMatchAPattern() {
        Pattern digits = Pattern.compile("\\d+");

        assertRead("'12'", node -> node.text(digits, "digits")).isEqualTo("12");
        assertThat(fault("a1", node -> node.text(digits, "digits")))
                .isEqualTo("x: 'a1' is not allowed; it must be digits (line 1)");
        assertThat(fault("null", node -> node.text(digits, "digits")))
                .as("said once")
                .isEqualTo("x: is missing (line 1)");
    }

    @Test
    void anEnumIsWrittenInLowerCaseWithHyphens() {
        List<Colour> colours = List.of(Colour.values());

        assertRead("dark-blue", node -> node.oneOf(colours)).isEqualTo(Colour.DARK_BLUE);
        assertRead("dark-blue", node -> node.is(Colour.DARK_BLUE)).isEqualTo(true);
        assertRead("red", node -> node.is(Colour.DARK_BLUE)).isEqualTo(false);
        assertRead("5", node -> node.is(Colour.RED)).isEqualTo(false);
        assertThat(fault("null", node -> node.oneOf(colours))).isEqualTo("x: is missing (line 1)");
        assertThat(fault("DARK_BLUE", node -> node.oneOf(colours)))
                .isEqualTo("x: 'DARK_BLUE' is unknown; allowed: red, dark-blue (line 1)");
        assertThat(fault("dark-blue", node -> node.oneOf(List.of(Colour.RED))))
                .isEqualTo("x: 'dark-blue' is unknown; allowed: red (line 1)");
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.5", "3, 3", "1e-9, 1e-9", "-2.5, -2.5", "0, 0"})
    void readsANumber(String text, double number) {
        assertRead(text, SpecNode::number).isEqualTo(number);
        assertRead(text, SpecNode::isNumber).isEqualTo(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"many", "'5'", "true", "[5]", "1e400"})
    void refusesWhatIsNotAFiniteNumber(String text) {
        assertThat(fault(text, SpecNode::number)).startsWith("x: ").contains("is not a number");
    }

    @Test
    void aMissingNumberIsMissing() {
        assertThat(fault("null", SpecNode::number)).isEqualTo("x: is missing (line 1)");
        assertThat(fault("null", SpecNode::probability)).isEqualTo("x: is missing (line 1)");
        assertThat(fault("null", node -> node.positiveNumber("why"))).isEqualTo("x: is missing (line 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "-0.1", "1.5"})
    void aChanceIsBetweenNoneAndAll(String text) {
        assertRead("0.999", SpecNode::probability).isEqualTo(0.999);
        assertThat(fault(text, SpecNode::probability)).isEqualTo("x: " + text + " is not between 0 and 1 (line 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "-0.5"})
    void aPositiveNumberIsOverZero(String text) {
        assertRead("0.001", node -> node.positiveNumber("why")).isEqualTo(0.001);
        assertThat(fault(text, node -> node.positiveNumber("why")))
                .isEqualTo("x: " + text + " is not greater than 0; why (line 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.0", "1.5", "'5'", "five", "9223372036854775808"})
    void aWholeNumberIsAtLeastZero(String text) {
        assertRead("0", SpecNode::wholeNumber).isEqualTo(0L);
        assertRead("9223372036854775807", SpecNode::wholeNumber).isEqualTo(Long.MAX_VALUE);
        assertThat(fault(text, SpecNode::wholeNumber)).endsWith("is not a whole number, at least 0 (line 1)");
    }

    @Test
    void aMissingWholeNumberIsMissing() {
        assertThat(fault("null", SpecNode::wholeNumber))
                .isEqualTo("x: is missing; it must be a whole number, at least 0 (line 1)");
    }

    @Test
    void readsTheElementsOfASequenceWithTheirIndices() {
        assertRead("[a, b]", node -> node.elements((element, index) -> index + element.text()))
                .isEqualTo(List.of("0a", "1b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "a", "{a: b}"})
    void aSequenceHasAtLeastOneEntry(String text) {
        assertThat(fault(text, node -> node.elements((element, index) -> index)))
                .isEqualTo("x: must be a list with at least one entry (line 1)");
    }

    @Test
    void namesEveryFaultOfASequenceWithItsLine() {
        String yaml = """
                outer:
                  - [1, a]
                  -
                    - 2
                    - {b: c}
                """;

        List<String> faults = faults(
                yaml,
                root -> root.child("outer").elements((inner, i) -> inner.elements((element, j) -> element.number())));

        assertThat(faults)
                .containsExactly(
                        "outer[0][1]: 'a' is not a number (line 2)", "outer[1][1]: '' is not a number (line 5)");
    }

    @Test
    void aMappingHasNoFieldsButTheAllowedOnes() {
        List<String> faults = faults("b: 1\nd: 2\nc: {e: 1}\n", root -> root.mapping("c", "b"));

        assertThat(faults).containsExactly("d: unknown field; allowed: b, c (line 2)");
    }

    @Test
    void whatIsNotAMappingIsOneFaultAndHasNoFields() {
        assertThat(fault("[a]", node -> node.mapping("b", "c")))
                .isEqualTo("x: must be a mapping with the fields b, c (line 1)");
        assertRead("[a]", SpecNode::fieldNames).isEqualTo(List.of());
        assertRead("{b: 1, a: 2}", SpecNode::fieldNames).isEqualTo(List.of("b", "a"));
    }

    @Test
    void aFaultOfAFieldThatIsMissingHasTheLineOfWhatItWouldBeIn() {
        String yaml = """
                first: 1
                model:
                  scorer: {kind: onnx}
                """;

        assertThat(faults(
                        yaml,
                        root -> root.child("model").child("scorer").child("url").text()))
                .containsExactly("model.scorer.url: is missing (line 3)");
        assertThat(faults(
                        yaml,
                        root -> root.child("list").element(2).child("name").text()))
                .containsExactly("list[2].name: is missing");
        assertThat(faults(yaml, root -> root.child("model").element(2).text()))
                .containsExactly("model[2]: is missing (line 2)");
    }

    @Test
    void readingGoesOnWithAHarmlessValueAfterAFault() {
        List<Object> values = new ArrayList<>();

        faults("x: [1]\ny: 0s\nz: -1", root -> {
            SpecNode wrong = root.child("x");
            values.add(wrong.text());
            values.add(wrong.share());
            values.add(wrong.durationMillis());
            values.add(root.child("y").durationMillis());
            values.add(wrong.number());
            values.add(wrong.positiveNumber("why"));
            values.add(root.child("z").positiveNumber("why"));
            values.add(root.child("z").probability());
            values.add(wrong.wholeNumber());
            values.add(wrong.oneOf(List.of(Colour.DARK_BLUE, Colour.RED)));
            values.add(root.elements((element, index) -> index));
            values.add(wrong.mapping("a") == wrong);
            return values.add(root.child("missing").number());
        });

        assertThat(values)
                .containsExactly(
                        "",
                        Share.SMALLEST,
                        1L,
                        1L,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        0L,
                        Colour.DARK_BLUE,
                        List.of(),
                        true,
                        Double.NaN);
    }

    @Test
    void namesEachFieldThatDoesNotApply() {
        List<String> faults = faults("a: 1\nb: 2\n", root -> {
            root.forbid("does not apply", "b", "c", "a");
            return root;
        });

        assertThat(faults).containsExactly("b: does not apply (line 2)", "a: does not apply (line 1)");
    }

    @Test
    void aDocumentOfItsOwnIsATextOrAMappingPutIntoYaml() {
        assertRead("'a: 1'", SpecNode::document).isEqualTo("a: 1");
        String yaml = read("{a: {b: 7}}", SpecNode::document);
        long again = SpecText.read(yaml, root -> root.child("a").child("b").wholeNumber());

        assertThat(again).isEqualTo(7);
        assertThat(fault("[a]", SpecNode::document)).isEqualTo("x: must be text that is not blank (line 1)");
    }

    @Test
    void recognisesAText() {
        assertRead("none", node -> node.isText("none")).isEqualTo(true);
        assertRead("other", node -> node.isText("none")).isEqualTo(false);
        assertRead("[none]", node -> node.isText("none")).isEqualTo(false);
        assertRead("'5'", SpecNode::isNumber).isEqualTo(false);
    }

    @Test
    void anEmptyFieldIsMissing() {
        assertRead("", SpecNode::isPresent).isEqualTo(false);
        assertRead("''", SpecNode::isPresent).isEqualTo(true);
    }
}

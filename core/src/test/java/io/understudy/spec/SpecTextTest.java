package io.understudy.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTextTest {

    private static List<String> yamlFaults(String yaml) {
        return catchThrowableOfType(InvalidSpecException.class, () -> SpecText.read(yaml, root -> root))
                .faults();
    }

    private static List<String> jsonFaults(String json) {
        return catchThrowableOfType(InvalidSpecException.class, () -> SpecText.readJson(json, root -> root))
                .faults();
    }

    @Test
    void readsYamlAndJson() {
        String yaml = SpecText.read("a: b", root -> root.child("a").text());
        String json =
                SpecText.readJson("{\"a\": \"b\"}", root -> root.child("a").text());

        assertThat(yaml).isEqualTo("b");
        assertThat(json).isEqualTo("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: 1\nb: [", "a: 1\nb: 'c", "a: 1\n\tb: 2", "a: 1\nb: 2\nb: 3"})
    void namesWhatKeepsATextFromBeingYaml(String yaml) {
        assertThat(yamlFaults(yaml))
                .singleElement()
                .asString()
                .startsWith("the document: ")
                .contains("YAML", "line ");
    }

    @Test
    void aSecondDocumentIsAFault() {
        assertThat(yamlFaults("a: 1\n---\nb: 2\n"))
                .containsExactly("the document: a second YAML document begins at line 3; write one document");
    }

    /** YAML 1.1 reads 0x10 as 16, 010 as 8 and 1:30 as 90. */
    @ParameterizedTest
    @ValueSource(strings = {"0x10", "010", "0b11"})
    void aWholeNumberIsDecimal(String number) {
        assertThat(yamlFaults("a:\n  - b: 1\n  - b: " + number + "\n"))
                .containsExactly("a[1].b: '" + number
                        + "' is not a decimal number; write it with the digits 0 to 9, without a leading 0 (line 3)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "10", "1000000"})
    void readsADecimalNumber(String number) {
        long read = SpecText.read("a: " + number, root -> (long) root.child("a").number());
        assertThat(read).isEqualTo(Long.parseLong(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1", "a: 1", "{\"a\": 1, \"a\": 2}", "{} {}", "{} x", "{\"a\": NaN}"})
    void namesWhatKeepsATextFromBeingJson(String json) {
        assertThat(jsonFaults(json))
                .singleElement()
                .asString()
                .startsWith("the document: ")
                .contains("JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# a comment", "null"})
    void aTextWithoutADocumentHasNothingPresent(String yaml) {
        boolean present =
                SpecText.read(yaml, root -> root.isPresent() || root.child("a").isPresent());

        assertThat(present).isFalse();
    }

    @Test
    void aFaultOfTheWholeDocumentHasNoLine() {
        assertThat(catchThrowableOfType(
                                InvalidSpecException.class,
                                () -> SpecText.readJson("[1]", root -> root.mapping("a", "b")))
                        .faults())
                .containsExactly("the document: must be a mapping with the fields a, b");
    }

    @Test
    void everyFaultIsNamedInOneMessage() {
        InvalidSpecException invalid = catchThrowableOfType(
                InvalidSpecException.class,
                () -> SpecText.readJson("{\"a\": 1,\n\"b\": 2}", root -> {
                    root.child("a").text();
                    return root.child("b").durationMillis();
                }));

        assertThat(invalid.faults())
                .containsExactly(
                        "a: must be text; write it in quotes (line 1)", "b: must be text; write it in quotes (line 2)");
        assertThat(invalid).hasMessage(String.join("; ", invalid.faults()));
    }

    @Test
    void anAliasIsNotTakenForTheTextOfItsName() {
        assertThat(yamlFaults("a: &window 5s\nb: *window\nc: [*window]"))
                .containsExactly(
                        "the document: the alias *window at line 2 is not read; write out what it stands for",
                        "the document: the alias *window at line 3 is not read; write out what it stands for");
        String quoted = SpecText.read("a: '*window'", root -> root.child("a").text());
        assertThat(quoted).isEqualTo("*window");
    }

    @Test
    void aSecondDocumentIsRejected() {
        assertThat(yamlFaults("a: 1\n---\nb: 2")).singleElement().asString().startsWith("the document: ");
    }
}

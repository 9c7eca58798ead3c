package io.understudy.cli.calc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CalcCommandTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** Numbers from R 4.2.2, scipy 1.17.1, exact rationals and published implementations of the sequential tests. */
    static Stream<JsonNode> references() {
        return new BufferedReader(new InputStreamReader(
                        CalcCommandTest.class.getResourceAsStream("reference-numbers.ndjson"), UTF_8))
                .lines()
                .map(CalcCommandTest::json);
    }

    @ParameterizedTest
    @MethodSource("references")
    void agreesWithTheReference(JsonNode reference) throws IOException {
        JsonNode answer = json(CalcCommand.answer(reference.get("request").toString()));
        double tolerance = reference.get("tolerance").doubleValue();
        reference.get("expected").properties().forEach(field -> {
            assertThat(answer.has(field.getKey()))
                    .as("%s of %s", field.getKey(), answer)
                    .isTrue();
            same(answer.get(field.getKey()), field.getValue(), tolerance);
        });
    }

    private static void same(JsonNode actual, JsonNode expected, double tolerance) {
        if (expected.isArray()) {
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                same(actual.get(i), expected.get(i), tolerance);
            }
        } else if (expected.isNumber()) {
            assertThat(actual.doubleValue())
                    .isCloseTo(
                            expected.doubleValue(),
                            within(Math.max(1e-12, tolerance * Math.abs(expected.doubleValue()))));
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void givesNullForWhatIsUndefined() throws IOException {
        JsonNode answer = json(CalcCommand.answer("""
                {"test": "welch", "existing": {"n": 5, "mean": 1, "variance": 0}, "candidate": {"n": 1, "mean": 2, "variance": 0}}
                """));
        assertThat(answer.get("p").isNull()).isTrue();
        assertThat(answer.get("statistic").isNull()).isTrue();
        assertThat(answer.get("difference").doubleValue()).isEqualTo(1);
        assertThat(json(CalcCommand.answer(
                                "{\"test\": \"normal-mixture\", \"difference\": 1, \"standardError\": 0, \"tau\": 1}"))
                        .get("logE")
                        .doubleValue())
                .as("undefined is no evidence")
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'test': 'welch', 'existing': {'n': 1, 'mean': 1}, 'candidate': {'n': 5, 'mean': 2, 'variance': 1}}|the variance of an arm needs at least two units",
                "{'test': 'welch', 'existing': {'n': 5, 'mean': 1, 'variance': 0}, 'candidate': {'n': 5, 'mean': 2, 'variance': 0}}|no value differs from another of its arm, so there is no standard error",
                "{'test': 'two-proportion', 'existing': {'n': 0, 'successes': 0}, 'candidate': {'n': 5, 'successes': 2}}|an arm has no units",
                "{'test': 'two-proportion', 'existing': {'n': 5, 'successes': 5}, 'candidate': {'n': 5, 'successes': 5}}|both arms have only successes, or none, so z has no standard error",
                "{'test': 'ks', 'existing': [], 'candidate': [1]}|an arm has no values",
                "{'test': 'mann-whitney', 'existing': [1], 'candidate': []}|an arm has no values",
                "{'test': 'paired', 'differences': [1]}|the variance needs at least two differences",
                "{'test': 'paired', 'differences': [1, 1]}|all differences are the same, so there is no standard error",
                "{'test': 'sample-ratio', 'observed': [0, 0], 'shares': [0.5, 0.5]}|no arm has units",
                "{'test': 'drift', 'existing': [0, 0], 'candidate': [1, 2]}|a histogram is empty",
                "{'test': 'moments', 'windows': [[]]}|the variance needs at least two values",
                "{'test': 'normal-mixture', 'difference': 1, 'standardError': 0, 'tau': 1}|the standard error is 0, so nothing can be said of the difference",
                "{'test': 'normal-mixture', 'difference': 1e200, 'standardError': 1e-200, 'tau': 1}|the numbers are too large or too small to compute with",
            },
            quoteCharacter = '"')
    void saysWhyANumberIsUndefined(String line, String reason) throws IOException {
        assertThat(json(CalcCommand.answer(line.replace('\'', '"')))
                        .get("reason")
                        .textValue())
                .isEqualTo(reason);
    }

    @Test
    void givesNoReasonWhenEveryNumberIsDefined() throws IOException {
        assertThat(json(CalcCommand.answer("{\"test\": \"ks\", \"existing\": [1], \"candidate\": [2]}"))
                        .has("reason"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json|not valid JSON",
                "[1]|a request is a JSON object",
                "{}|test is missing",
                "{\"test\": \"anova\"}|test is 'anova'; allowed: benjamini-hochberg, conditional-odds-ratio",
                "{\"test\": \"mcnemar\", \"existingOnly\": 1}|candidateOnly is missing",
                "{\"test\": \"mcnemar\", \"existingOnly\": 1.5, \"candidateOnly\": 2}|existingOnly must be a whole number",
                "{\"test\": \"mcnemar\", \"existingOnly\": 1e30, \"candidateOnly\": 2}|existingOnly must be a whole number, at least 0 and at most 9007199254740992",
                "{\"test\": \"mcnemar\", \"existingOnly\": 9e15, \"candidateOnly\": 2e9}|existingOnly is 9000000000000000, candidateOnly 2000000000; both",
                "{\"test\": \"holm\", \"p\": [0.1, 1.2]}|a p-value is 1.2",
                "{\"test\": \"discordant-pairs\", \"existingOnly\": 1, \"candidateOnly\": 2, \"theta\": 0.6}|theta is 0.6",
                "{\"test\": \"two-proportion\", \"existing\": {\"n\": 1, \"successes\": 2}, \"candidate\": {\"n\": 1, \"successes\": 1}}|existing has 2 successes among 1 units",
                "{\"test\": \"sample-ratio\", \"observed\": [1, 2], \"shares\": [0.5, 0.6]}|shares sum to 1.1",
                "{\"test\": \"welch\", \"existing\": {\"n\": 1, \"mean\": 1, \"variance\": -1}, \"candidate\": {}}|existing.variance is -1.0",
                "{\"test\": \"moments\", \"windows\": [[1], [2, null]]}|windows[1][1] must be a finite number",
                "{\"test\": \"welch\", \"existing\": {\"n\": 2, \"mean\": 1, \"variance\": -1}, \"candidate\": {}}|existing.variance is -1.0; it must be at least 0"
            })
    void saysWhatIsWrongAndWhatIsAllowed(String line, String error) throws IOException {
        assertThat(json(CalcCommand.answer(line)).get("error").textValue()).startsWith(error);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

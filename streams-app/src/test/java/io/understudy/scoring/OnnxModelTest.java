package io.understudy.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.PredictionStatus;
import io.understudy.testing.OnnxFiles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OnnxModelTest {

    @Test
    void scoresABatchFromNamedColumns() throws Exception {
        try (OnnxModel model = load(OnnxFiles.sum())) {
            assertThat(model.score(List.of(Map.of("x", 1.0, "y", 2L), Map.of("x", 3.0, "y", true, "unused", "z")))
                            .join())
                    .extracting(Answer::score)
                    .containsExactly(3.0, 4.0);
        }
    }

    @Test
    void scoresAVectorMadeOfListedFeatures() throws Exception {
        try (OnnxModel model = OnnxModel.load(OnnxFiles.vectorSum(3), List.of("a", "b", "c"), Optional.empty())) {
            assertThat(answer(model, Map.of("a", 1.0, "b", 2.0, "c", 3.0)).score())
                    .isEqualTo(6.0);
        }
    }

    @Test
    void scoresAFeatureThatIsAVector() throws Exception {
        try (OnnxModel model = load(OnnxFiles.vectorSum(3))) {
            assertThat(answer(model, Map.of("features", List.of(1.0, 2.0, 3.0))).score())
                    .isEqualTo(6.0);
            assertThat(answer(model, Map.of("features", List.of(1.0))).error())
                    .startsWith("feature 'features' has 1 numbers; it must have 3");
            assertThat(answer(model, Map.of("features", 1.0)).error())
                    .startsWith("feature 'features' is a number; it must be a vector of 3 numbers");
        }
    }

    @Test
    void acceptsStringsAndWholeNumbers() throws Exception {
        try (OnnxModel carrier = load(OnnxFiles.carrier());
                OnnxModel whole = load(OnnxFiles.wholeNumberWithLabel())) {
            assertThat(answer(carrier, Map.of("carrier", "UA")).score()).isEqualTo(2.0);
            assertThat(answer(carrier, Map.of("carrier", 1.0)).error())
                    .startsWith("feature 'carrier' is a number; it must be a string");
            assertThat(answer(whole, Map.of("n", 7.0)))
                    .isEqualTo(new Answer(PredictionStatus.OK, 7.0, "7", null, null));
            assertThat(answer(whole, Map.of("n", 7.5)).error())
                    .startsWith("feature 'n' is 7.5; it must be a whole number");
        }
    }

    @Test
    void theSecondOfTwoNumbersIsTheScoreAndMoreNumbersAreAVector() throws Exception {
        try (OnnxModel two = OnnxModel.load(OnnxFiles.identity(2), List.of("a", "b"), Optional.empty());
                OnnxModel three = OnnxModel.load(OnnxFiles.identity(3), List.of("a", "b", "c"), Optional.empty())) {
            Map<String, Object> row = Map.of("a", 0.25, "b", 0.75, "c", 1.0);
            assertThat(answer(two, row).score()).isEqualTo(0.75);
            assertThat(answer(three, row).score()).isNull();
            assertThat(answer(three, row).vector()).containsExactly(0.25, 0.75, 1.0);
        }
    }

    @Test
    void rejectsRowsThatDoNotFitAndScoresTheOthers() throws Exception {
        try (OnnxModel model = load(OnnxFiles.sum())) {
            List<Answer> answers = model.score(List.of(
                            Map.of("x", 1.0, "y", 1.0),
                            Map.of("x", 1.0),
                            Map.of("x", Double.NaN, "y", 1.0),
                            Map.of("x", "one", "y", 1.0),
                            Map.of("x", 2.0, "y", 2.0)))
                    .join();
            assertThat(answers)
                    .extracting(Answer::status)
                    .containsExactly(
                            PredictionStatus.OK,
                            PredictionStatus.REJECTED,
                            PredictionStatus.REJECTED,
                            PredictionStatus.REJECTED,
                            PredictionStatus.OK);
            assertThat(answers.get(4).score()).isEqualTo(4.0);
            assertThat(answers.get(1).error()).isEqualTo("feature 'y' is missing; the model reads x, y");
        }
    }

    @Test
    void aRowThatMakesItsBatchFailDoesNotAffectTheOthers() throws Exception {
        try (OnnxModel model = load(OnnxFiles.pick())) {
            List<Answer> answers = model.score(List.of(Map.of("index", 0L), Map.of("index", 9L), Map.of("index", 1L)))
                    .join();
            assertThat(answers)
                    .extracting(Answer::status)
                    .containsExactly(PredictionStatus.OK, PredictionStatus.ERROR, PredictionStatus.OK);
            assertThat(answers.get(2).score()).isEqualTo(20.0);
            assertThat(answers.get(1).error()).startsWith("the model failed:");
        }
    }

    @Test
    void answersWithAnErrorInsteadOfANonFiniteNumber() throws Exception {
        try (OnnxModel model = load(OnnxFiles.reciprocalOneAtATime())) {
            List<Answer> answers =
                    model.score(List.of(Map.of("x", 2.0), Map.of("x", 0.0))).join();
            assertThat(answers.get(0).score()).isEqualTo(0.5);
            assertThat(answers.get(1).status()).isEqualTo(PredictionStatus.ERROR);
            assertThat(answers.get(1).error()).isEqualTo("the model answered Infinity");
        }
    }

    @Test
    void rejectsFilesThatAreNotOnnxOrLackTheNamedOutput() {
        assertThatThrownBy(() -> load("not a model".getBytes(UTF_8)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageStartingWith("cannot be loaded as ONNX");
        assertThatThrownBy(() -> OnnxModel.load(OnnxFiles.sum(), List.of(), Optional.of("probability")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessage("there is no output 'probability'; the model has [score]");
    }

    private static OnnxModel load(byte[] bytes) throws UnusableModelException {
        return OnnxModel.load(bytes, List.of(), Optional.empty());
    }

    private static Answer answer(OnnxModel model, Map<String, Object> row) {
        return model.score(List.of(row)).join().get(0);
    }
}

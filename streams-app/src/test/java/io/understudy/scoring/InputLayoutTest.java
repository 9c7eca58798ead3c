package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.rollout.UnusableModelException;
import io.understudy.scoring.InputLayout.Declared;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputLayoutTest {

    @Test
    void namesFeaturesAfterSingleColumnInputs() throws Exception {
        InputLayout layout = InputLayout.of(
                List.of(declared("hour", ElementType.INT64, -1), declared("carrier", ElementType.STRING, -1, 1)),
                List.of());
        assertThat(layout.features()).containsExactly("hour", "carrier");
        assertThat(layout.fixedBatch()).isFalse();
    }

    @Test
    void fillsAVectorInputFromListedFeatures() throws Exception {
        InputLayout layout =
                InputLayout.of(List.of(declared("input", ElementType.FLOAT, -1, 2)), List.of("hour", "distance"));
        assertThat(layout.features()).containsExactly("hour", "distance");
        assertThat(layout.inputs().get(0).shape(7)).containsExactly(7, 2);
    }

    @Test
    void usesTheNumberOfListedFeaturesWhenTheModelDoesNotDeclareAWidth() throws Exception {
        InputLayout layout =
                InputLayout.of(List.of(declared("input", ElementType.DOUBLE, -1, -1)), List.of("a", "b", "c"));
        assertThat(layout.inputs().get(0).width()).isEqualTo(3);
    }

    @Test
    void detectsAModelThatTakesOneRowAtATime() throws Exception {
        assertThat(InputLayout.of(List.of(declared("x", ElementType.FLOAT, 1, 1)), List.of())
                        .fixedBatch())
                .isTrue();
    }

    @Test
    void rejectsInputsThatCannotBeFilled() {
        assertRejected("the model has no input", List.of(), List.of());
        assertRejected(
                "input 'input' takes 2 features, but 3 are listed: a, b, c",
                List.of(declared("input", ElementType.FLOAT, -1, 2)),
                List.of("a", "b", "c"));
        assertRejected(
                "features are listed for a single vector input, but the model has the inputs x, y",
                List.of(declared("x", ElementType.FLOAT, -1, 1), declared("y", ElementType.FLOAT, -1, 1)),
                List.of("x", "y"));
        assertRejected(
                "input 'image' has shape [-1, 3, 224, 224]",
                List.of(declared("image", ElementType.FLOAT, -1, 3, 224, 224)),
                List.of());
        assertRejected("input 'x' has shape [8, 1]", List.of(declared("x", ElementType.FLOAT, 8, 1)), List.of());
        assertRejected(
                "input 'x' does not declare its width", List.of(declared("x", ElementType.FLOAT, -1, -1)), List.of());
        assertRejected(
                "a feature is listed twice", List.of(declared("x", ElementType.FLOAT, -1, 2)), List.of("a", "a"));
        assertRejected("input 'x' takes strings", List.of(declared("x", ElementType.STRING, -1, 2)), List.of("a", "b"));
    }

    private static void assertRejected(String why, List<Declared> inputs, List<String> features) {
        assertThatThrownBy(() -> InputLayout.of(inputs, features))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageStartingWith(why);
    }

    private static Declared declared(String name, ElementType type, long... shape) {
        return new Declared(name, type, shape);
    }
}

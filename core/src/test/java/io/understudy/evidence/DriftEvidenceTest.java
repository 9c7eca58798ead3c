package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.p;
import static io.understudy.testing.Plans.AB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.schema.Arm;
import java.util.function.IntUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the formulas of the index and of the Bayes factor with 40 digits. */
class DriftEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static DriftEvidence evidence() {
        return (DriftEvidence) byRequest(AB, "kind: score-drift, role: diagnostic");
    }

    /** Scores of 1 to 10, each as often as the arm's function of it says. */
    private static Tally scores(IntUnaryOperator existing, IntUnaryOperator candidate) {
        Tally.Scores scores = new Tally.Scores();
        for (int score = 1; score <= 10; score++) {
            for (int i = 0; i < existing.applyAsInt(score); i++) {
                scores.observe(Arm.EXISTING, 0, score);
            }
            for (int i = 0; i < candidate.applyAsInt(score); i++) {
                scores.observe(Arm.CANDIDATE, 0, score);
            }
        }
        return scores;
    }

    @Test
    void comparesBothModelsScoresInTheDecilesOfTheExistingModels() {
        MetricEvidence evidence = absorb(evidence(), scores(score -> 100, score -> 10 * score));

        assertThat(evidence.effect()).isCloseTo(0.337115060584504, EXACT);
        assertThat(evidence.logEvidence(Claim.SUPERIOR, NO_UNITS)).isCloseTo(38.5090753554165, EXACT);
        assertThat(evidence.logEvidence(Claim.HARM, NO_UNITS)).isCloseTo(38.5090753554165, EXACT);
    }

    @Test
    void waitsForAThousandScoresOfTheExistingModelAndOneOfTheCandidate() {
        MetricEvidence tooFew = absorb(evidence(), scores(score -> score == 1 ? 99 : 100, score -> 10));
        MetricEvidence noCandidate = absorb(evidence(), scores(score -> 100, score -> 0));

        assertThat(tooFew.effect()).isNaN();
        assertThat(tooFew.logEvidence(Claim.SUPERIOR, NO_UNITS)).isZero();
        assertThat(noCandidate.effect()).isNaN();
        assertThat(noCandidate.logEvidence(Claim.SUPERIOR, NO_UNITS)).isZero();
        assertThat(absorb(tooFew, scores(score -> score == 1 ? 1 : 0, score -> 0))
                        .effect())
                .isFinite();
    }

    @Test
    void theDecilesAreFrozenWhenTheyAreFirstKnown() {
        DriftEvidence evidence = evidence();
        evidence.absorb(scores(score -> 100, score -> 10));
        int[] first = evidence.edges();

        evidence.absorb(scores(score -> score == 10 ? 5000 : 0, score -> 10));

        assertThat(first).hasSize(9);
        assertThat(evidence.edges()).containsExactly(first);
    }

    @Test
    void continuesFromItsStoredEdges() {
        DriftEvidence kept = evidence();
        kept.absorb(scores(score -> 100, score -> 10 * score));
        DriftEvidence restored = evidence();
        restored.tally().addAll(kept.tally());
        restored.restore(kept.edges());

        restored.absorb(scores(score -> score, score -> 50));
        kept.absorb(scores(score -> score, score -> 50));

        assertThat(restored.effect()).isEqualTo(kept.effect());
        assertThat(restored.logEvidence(Claim.SUPERIOR, NO_UNITS))
                .isEqualTo(kept.logEvidence(Claim.SUPERIOR, NO_UNITS));
    }

    @Test
    void decidesNothing() {
        MetricEvidence evidence = absorb(evidence(), scores(score -> 100, score -> 10 * score));

        assertThat(p(evidence)).containsOnly(Double.NaN);
        assertThat(evidence.interval(0.05)).containsOnly(Double.NaN);
        assertThat(evidence.worthwhile()).isNaN();
        assertThat(evidence.allowance()).isZero();
        assertThat(evidence.existingUnits()).isEqualTo(1000);
        assertThat(evidence.candidateUnits()).isEqualTo(550);
        assertThat(evidence.existingEstimate()).isNaN();
    }
}

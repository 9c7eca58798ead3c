package io.understudy.judging;

import io.understudy.assignment.Share;
import io.understudy.evidence.Claim;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.CycleProgress;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.UnitCounts;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.MetricRole;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Why the judge finds what it finds: a code and the facts. {@link ReasonText} alone turns them into words. */
sealed interface VerdictReason {

    /** The code that stands for this reason on topics and in the runbook. */
    ReasonCode code();

    /** The name of the code, also of one that this version does not know. */
    default String codeName() {
        return code().name();
    }

    /** A reason whose code is all there is to know. */
    record Plain(ReasonCode code) implements VerdictReason {}

    /**
     * Words that were recorded before, by this version or another.
     *
     * @param codeName the name of the code, which a later version may have given
     * @param text the words
     */
    record Recorded(String codeName, String text) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.read(codeName);
        }
    }

    /**
     * Units do not arrive as the shares say.
     *
     * @param share the candidate's share
     * @param logEvidence ln E for the mismatch
     */
    record RatioMismatch(UnitCounts units, Share share, double logEvidence) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.SAMPLE_RATIO_MISMATCH;
        }
    }

    /**
     * Outcomes arrive for another part of the requests in one arm than in the other.
     *
     * @param metric the metric that lacks them
     * @param arms the coverages
     * @param tolerance the difference that is allowed, 0 to 1
     */
    record UnevenOutcomes(ReasonCode code, String metric, ArmsCovered arms, double tolerance)
            implements VerdictReason {}

    /**
     * The same keys are in both arms.
     *
     * @param inBoth sampled keys in both arms
     * @param sampled sampled keys in the smaller arm
     * @param allowed the fraction that is allowed, 0 to 1
     */
    record KeysInBothArms(long inBoth, long sampled, double allowed) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.KEYS_IN_BOTH_ARMS;
        }
    }

    /**
     * The candidate's rate is over a metric's absolute limit.
     *
     * @param threshold what ln E must reach
     */
    record LimitExceeded(MetricLook metric, double threshold) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.LIMIT_EXCEEDED;
        }
    }

    /**
     * A metric shows harm by sequential evidence.
     *
     * @param threshold what ln E must reach
     */
    record Harm(MetricLook metric, double threshold) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return codeOfHarm(metric);
        }
    }

    /**
     * A metric shows harm by the classical test at the stage's end.
     *
     * @param p the test's p-value
     */
    record HarmAtEnd(MetricLook metric, double p) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return codeOfHarm(metric);
        }
    }

    private static ReasonCode codeOfHarm(MetricLook metric) {
        return metric.spec().role() == MetricRole.GUARDRAIL
                ? ReasonCode.GUARDRAIL_WORSE
                : ReasonCode.SUCCESS_METRIC_WORSE;
    }

    /**
     * An arm has no data.
     *
     * @param elapsed since the stage began
     */
    record NoAnswers(ReasonCode code, Duration elapsed) implements VerdictReason {}

    /** The stage's minimum has not come in; {@code parts} says what is missing, and is never empty. */
    record BelowMinimum(ReasonCode code, List<Missing> parts) implements VerdictReason {}

    /** One part of a minimum that has not come in. */
    sealed interface Missing {

        /** Units of the smaller arm. */
        record Units(long count, long needed) implements Missing {}

        /** Time since the stage began. */
        record Time(Duration elapsed, Duration needed) implements Missing {}

        /** Whole cycles since the stage began. */
        record Cycles(long count, long needed) implements Missing {}

        /** Outcomes, as fractions of the requests of the arm with fewer, 0 to 1. */
        record Outcomes(double coverage, double needed) implements Missing {}

        /** Observations of one metric in its smaller arm. */
        record MetricUnits(String metric, long count, long needed) implements Missing {}
    }

    /** These metrics are to decide, and have no observation in one arm or in both. */
    record MetricUnobserved(List<MetricLook> metrics) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.METRIC_UNOBSERVED;
        }
    }

    /** The candidate serves everybody, for {@code elapsed} and {@code units}. */
    record FullShareServed(long units, Duration elapsed) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.FULL_SHARE_SERVED;
        }
    }

    /** Everything that the stage asks for is shown. */
    record Passed(List<Shown> shown) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.STAGE_PASSED;
        }
    }

    /** A claim about a metric that is shown. */
    record Shown(MetricLook metric, Claim claim) {}

    /**
     * Some claims are not shown yet.
     *
     * @param remainingUnits units of the smaller arm that a decision is expected to take still; empty when nothing is
     *     known of that
     */
    record NotShownYet(List<Open> open, Optional<Long> remainingUnits) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.NOT_SHOWN_YET;
        }
    }

    /**
     * A claim about a metric that is not shown yet.
     *
     * @param threshold what ln E must reach
     */
    record Open(MetricLook metric, Claim claim, double threshold) {}

    /** Everything is shown since the beginning of the stage, but these metrics look worse since a later start. */
    record RecentlyWorse(List<MetricLook> metrics) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.RECENTLY_WORSE;
        }
    }

    /** Everything is shown, but the stage passes only at the end of a cycle. */
    record CycleUnfinished(CycleProgress cycles) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.CYCLE_UNFINISHED;
        }
    }

    /** The stage is over without a decision. */
    record StageEnded(Duration elapsed, long units) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.STAGE_ENDED;
        }
    }

    /** No success metric can still show an effect worth detecting. */
    record NotWorthDetecting(List<MetricLook> metrics) implements VerdictReason {
        @Override
        public ReasonCode code() {
            return ReasonCode.NOT_WORTH_DETECTING;
        }
    }

    /** The classical tests at the stage's end: each deciding metric with its p-value. */
    record FixedTests(ReasonCode code, List<Tested> tests) implements VerdictReason {}

    /** A metric and the p-value of its claim. */
    record Tested(MetricLook metric, double p) {}
}

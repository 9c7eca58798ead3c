package io.understudy.judging;

import static io.understudy.judging.Numbers.duration;
import static io.understudy.judging.Numbers.number;
import static io.understudy.judging.Numbers.percent;

import io.understudy.evidence.Claim;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.Shortfall;
import io.understudy.judging.VerdictReason.BelowMinimum;
import io.understudy.judging.VerdictReason.CycleUnfinished;
import io.understudy.judging.VerdictReason.FixedTests;
import io.understudy.judging.VerdictReason.FullShareServed;
import io.understudy.judging.VerdictReason.Harm;
import io.understudy.judging.VerdictReason.HarmAtEnd;
import io.understudy.judging.VerdictReason.KeysInBothArms;
import io.understudy.judging.VerdictReason.LimitExceeded;
import io.understudy.judging.VerdictReason.MetricUnobserved;
import io.understudy.judging.VerdictReason.Missing;
import io.understudy.judging.VerdictReason.NoAnswers;
import io.understudy.judging.VerdictReason.NotShownYet;
import io.understudy.judging.VerdictReason.NotWorthDetecting;
import io.understudy.judging.VerdictReason.Open;
import io.understudy.judging.VerdictReason.Passed;
import io.understudy.judging.VerdictReason.Plain;
import io.understudy.judging.VerdictReason.RatioMismatch;
import io.understudy.judging.VerdictReason.RecentlyWorse;
import io.understudy.judging.VerdictReason.Recorded;
import io.understudy.judging.VerdictReason.Shown;
import io.understudy.judging.VerdictReason.StageEnded;
import io.understudy.judging.VerdictReason.Tested;
import io.understudy.judging.VerdictReason.UnevenOutcomes;
import io.understudy.reason.ReasonCode;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The words of every reason. Nothing else in the judge writes a sentence. */
final class ReasonText {

    private ReasonText() {}

    /** {@code reason} in words and numbers. */
    static String of(VerdictReason reason) {
        if (reason instanceof Recorded recorded) {
            return recorded.text();
        } else if (reason instanceof Plain plain) {
            return plain(plain.code());
        } else if (reason instanceof RatioMismatch mismatch) {
            return ratioMismatch(mismatch);
        } else if (reason instanceof UnevenOutcomes uneven) {
            return unevenOutcomes(uneven);
        } else if (reason instanceof KeysInBothArms keys) {
            return "the same keys are in both arms: " + keys.inBoth() + " of " + keys.sampled()
                    + " sampled in the smaller arm; allowed is " + percent(keys.allowed());
        } else if (reason instanceof LimitExceeded exceeded) {
            return limitExceeded(exceeded);
        } else if (reason instanceof Harm harm) {
            return harm.metric().spec().name() + " is worse"
                    + (harm.code() == ReasonCode.GUARDRAIL_WORSE ? " by more than its margin: " : ": ")
                    + harmedArms(harm.metric()) + "; log evidence of harm "
                    + number(harm.metric().harm().logEvidence()) + " of " + number(harm.threshold());
        } else if (reason instanceof HarmAtEnd harm) {
            return harm.metric().spec().name() + " is worse: " + arms(harm.metric()) + ", p " + number(harm.p());
        } else if (reason instanceof NoAnswers none) {
            return noAnswers(none);
        } else if (reason instanceof BelowMinimum below) {
            return (below.code() == ReasonCode.ENDED_BELOW_MINIMUM
                            ? "the stage is over, and its minimum has not come in: "
                            : "below the stage's minimum: ")
                    + join(below.parts(), ReasonText::missing);
        } else if (reason instanceof MetricUnobserved unobserved) {
            return "nothing is known of " + join(unobserved.metrics(), ReasonText::unobserved);
        } else if (reason instanceof FullShareServed full) {
            return "the candidate serves everybody, " + full.units() + " units in " + duration(full.elapsed())
                    + "; nobody is left to compare it with";
        } else if (reason instanceof Passed passed) {
            return passed.shown().isEmpty()
                    ? "nothing speaks against the candidate"
                    : join(passed.shown(), ReasonText::shown);
        } else if (reason instanceof NotShownYet notYet) {
            return "not shown yet: " + join(notYet.open(), ReasonText::open)
                    + notYet.remainingUnits()
                            .map(units -> "; about " + units + " more units in the smaller arm")
                            .orElse("");
        } else if (reason instanceof RecentlyWorse recent) {
            return "shown since the beginning of the stage, but worse lately: "
                    + join(recent.metrics(), metric -> metric.spec().name() + " " + recentArms(metric));
        } else if (reason instanceof CycleUnfinished unfinished) {
            return "everything is shown; waits for the end of cycle "
                    + (unfinished.cycles().completed() + 1) + ", in "
                    + duration(unfinished.cycles().rest());
        } else if (reason instanceof StageEnded ended) {
            return "the stage is over after " + duration(ended.elapsed()) + " and " + ended.units()
                    + " units in the smaller arm, and has shown neither harm nor what it asks for";
        } else if (reason instanceof NotWorthDetecting small) {
            return "any improvement is smaller than the effect worth detecting: "
                    + join(small.metrics(), metric -> metric.spec().name() + " " + arms(metric));
        } else if (reason instanceof FixedTests tests) {
            return tests.tests().isEmpty()
                    ? "nothing speaks against the candidate"
                    : join(tests.tests(), ReasonText::tested);
        }
        throw new IllegalArgumentException("no words for " + reason);
    }

    private static String plain(ReasonCode code) {
        if (code == ReasonCode.FIXED_TEST_WAITS) {
            return "a fixed test looks once, at the stage's end";
        }
        throw new IllegalArgumentException("no words for " + code);
    }

    private static String ratioMismatch(RatioMismatch mismatch) {
        return "sample ratio mismatch"
                + ": " + mismatch.units().existing() + " units with the existing model and "
                + mismatch.units().candidate() + " with the candidate, whose share is "
                + percent(mismatch.share().fraction()) + "; log evidence " + number(mismatch.logEvidence());
    }

    private static String unevenOutcomes(UnevenOutcomes uneven) {
        ArmsCovered arms = uneven.arms();
        boolean soFar = uneven.code() == ReasonCode.OUTCOMES_UNEVEN_SO_FAR;
        return "outcomes " + (soFar ? "have arrived unevenly so far" : "arrive unevenly") + ": " + uneven.metric()
                + " is known of " + percent(arms.existing().fraction()) + " of "
                + arms.existing().requests() + " requests with the existing model and of "
                + percent(arms.candidate().fraction()) + " of "
                + arms.candidate().requests() + " with the candidate; allowed is a difference of "
                + percent(uneven.tolerance())
                + (soFar
                        ? "; waits for requests that are old enough to have their outcome"
                        : "; log evidence " + number(arms.logEvidenceBeyond()));
    }

    private static String limitExceeded(LimitExceeded exceeded) {
        MetricLook metric = exceeded.metric();
        return metric.spec().name() + " is over its limit: "
                + percent(metric.candidate().estimate()) + " of "
                + metric.candidate().units() + ", allowed "
                + percent(metric.spec().limit().orElseThrow()) + "; log evidence " + number(metric.overLimit()) + " of "
                + number(exceeded.threshold());
    }

    private static String noAnswers(NoAnswers none) {
        String who = none.code() == ReasonCode.NO_ANSWERS
                ? "neither model has answered a request"
                : none.code() == ReasonCode.NO_CANDIDATE_ANSWERS
                        ? "the candidate has not answered a request"
                        : "the existing model has not answered a request";
        return who + " within " + duration(none.elapsed()) + " of the stage's beginning";
    }

    private static String unobserved(MetricLook metric) {
        return metric.spec().name() + ": " + metric.existing().units() + " observations of the existing model, "
                + metric.candidate().units() + " of the candidate";
    }

    private static String missing(Missing part) {
        if (part instanceof Missing.Units units) {
            return units.count() + " of " + units.needed() + " units in the smaller arm";
        } else if (part instanceof Missing.Time time) {
            return duration(time.elapsed()) + " of " + duration(time.needed());
        } else if (part instanceof Missing.Cycles cycles) {
            return cycles.count() + " of " + cycles.needed() + " cycles";
        } else if (part instanceof Missing.Outcomes outcomes) {
            return "outcomes of " + percent(outcomes.coverage()) + " of the requests, " + percent(outcomes.needed())
                    + " needed";
        } else if (part instanceof Missing.MetricUnits units) {
            return units.metric() + ": " + units.count() + " of " + units.needed() + " units";
        }
        throw new IllegalArgumentException("no words for " + part);
    }

    private static String shown(Shown shown) {
        String verb = shown.claim() == Claim.SUPERIOR
                ? " is better ("
                : shown.metric().looksNegligible() ? " is negligible (" : " holds (";
        return shown.metric().spec().name() + verb + arms(shown.metric()) + ")";
    }

    private static String open(Open open) {
        return open.metric().spec().name()
                + (open.claim() == Claim.SUPERIOR ? " better" : " not worse") + ": log evidence "
                + number(Math.max(0, open.metric().of(open.claim()).logEvidence())) + " of " + number(open.threshold())
                + open.metric()
                        .cycles()
                        .map(cycles -> ", over cycles "
                                + number(Math.max(
                                        0, open.claim() == Claim.SUPERIOR ? cycles.superior() : cycles.nonInferior()))
                                + " of " + number(open.threshold()) + " (" + cycles.better() + " better, "
                                + cycles.worse()
                                + " worse)")
                        .orElse("")
                + open.metric()
                        .shortfall()
                        .map(shortfall -> " (waits for " + shortfall(shortfall) + ")")
                        .orElse("");
    }

    private static String tested(Tested tested) {
        return tested.metric().spec().name() + " " + arms(tested.metric()) + ", p " + number(tested.p());
    }

    /** What a metric still waits for. */
    static String shortfall(Shortfall shortfall) {
        String counts = shortfall.count() + " of " + shortfall.needed();
        return switch (shortfall.kind()) {
            case UNITS_FOR_MEAN -> counts + " units that a mean as skewed as this needs";
            case UNITS_FOR_RATE -> counts + " units that a rate this close to 0 or 1 needs";
            case ANSWERS_FOR_QUANTILE -> counts + " answers of the existing model that its quantile needs";
            case REQUESTS_WITH_OUTCOME -> counts + " requests with an outcome";
            case KEYS -> counts + " keys in the smaller arm";
            case KEYS_OR_EVENTS -> "more keys or events: the mean is still too skewed";
            case LABELS_LIKE_OUTCOMES -> "a label that is also an outcome: the classes may be named differently";
        };
    }

    /** Both arms of a metric, the effect and its confidence sequence. */
    private static String arms(MetricLook metric) {
        String effect = Double.isNaN(metric.effect())
                ? ""
                : ", effect " + number(metric.effect())
                        + (Double.isNaN(metric.low())
                                ? ""
                                : " [" + number(metric.low()) + ", " + number(metric.high()) + "]");
        return "candidate " + number(metric.candidate().estimate())
                + (Double.isNaN(metric.existing().estimate())
                        ? ""
                        : ", existing " + number(metric.existing().estimate()))
                + effect;
    }

    /** Both arms of a metric that shows harm: since the beginning or, where harm came late, since then. */
    private static String harmedArms(MetricLook metric) {
        return metric.recent().since().isZero() ? arms(metric) : recentArms(metric);
    }

    private static String recentArms(MetricLook metric) {
        return "candidate " + number(metric.recent().candidate().estimate()) + ", existing "
                + number(metric.recent().existing().estimate()) + " since "
                + duration(metric.recent().since()) + " after the beginning of the stage";
    }

    private static <T> String join(List<T> parts, Function<T, String> text) {
        return parts.stream().map(text).collect(Collectors.joining("; "));
    }
}

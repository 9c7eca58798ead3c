package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.schema.Verdict;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** False aborts in stages that are looked at thousands of times. */
final class LongStages {

    private static final int LOOKS = 5000;
    private static final String ERRORS = "kind: error-rate, role: guardrail, margin: 1.5";
    private static final String EVEN = "kind: ab, share: 50%";
    private static final double RATE = 0.01;

    private LongStages() {}

    static Section section() {
        Setting byRequest = new Setting("request", ERRORS, EVEN, "units-per-window: 200");
        Setting byKey = new Setting("key", ERRORS, EVEN, "units-per-window: 200");
        double atMargin = Margins.afterOdds(RATE, 1.5);
        return new Section(
                "long stages",
                "Five thousand looks",
                String.format(Locale.ROOT, """
                False aborts over %,d looks: at the margin, where the claim of harm is just not true, and without a
                difference. Errors are 1 %% of 200 units a window at 50/50, the margin is odds of 1.5.
                """, LOOKS),
                List.of("runs", "false aborts"),
                List.of(
                        row("by request, at the margin", byRequest, atMargin, 4),
                        row("by request, no difference", byRequest, RATE, 8),
                        row("by key, at the margin", byKey, atMargin, 10),
                        row("by key, no difference", byKey, RATE, 20)));
    }

    private static Row row(String name, Setting setting, double candidate, int fewer) {
        return new Row(name, runs -> {
            int count = runs.ratesOfLong(fewer);
            List<Course> courses = Course.follow(
                    setting.plan(),
                    setting.truth(Margins.bernoulli(RATE, candidate)),
                    61,
                    count,
                    LOOKS,
                    EnumSet.of(Verdict.ABORT, Verdict.INVALID));
            return List.of(Cells.count(count), Cells.share(courses, course -> course.has(Verdict.ABORT)));
        });
    }
}

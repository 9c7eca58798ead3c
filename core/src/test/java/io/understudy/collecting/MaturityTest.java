package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.answer;
import static io.understudy.collecting.CollectingFixture.at;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.nextEpoch;
import static io.understudy.collecting.CollectingFixture.outcome;
import static io.understudy.collecting.CollectingFixture.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.PartialEvidence;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Metrics that count a request at its maturity, beside one that counts it when its outcome arrives. */
class MaturityTest {

    private static final long MATURITY = 60_000;

    private static final String CONVERSIONS = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            outcome-window: 1h
            metrics:
              - {name: in-time, kind: conversion, role: success, mde: 1.2, count: at-maturity, outcome-window: 1m}
              - {name: at-once, kind: conversion, role: diagnostic}
              - {name: in-all, kind: conversion, role: diagnostic, count: at-maturity}
            stages: [{kind: ab, share: 50%}]
            fallback: {deadline: 2s}
            """;

    private static final String SHADOW = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            outcome-window: 1m
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05, count: at-maturity}
            stages: [{kind: shadow}]
            """;

    private static final int IN_TIME = 0;
    private static final int AT_ONCE = 1;
    private static final int IN_ALL = 2;

    private final CollectingFixture fixture = CollectingFixture.empty();
    private final WindowCollector collector = fixture.collector();
    private final LiveRollout conversions = live(CONVERSIONS);

    @Test
    void countsARequestWhenItMaturesAndNotWhenItsOutcomeArrives() {
        answer(collector, conversions, 100, prediction(conversions, "r", Arm.EXISTING, 0.5));
        outcome(collector, conversions, 30_000, "r", true);
        List<EvidenceBlock> early = close(59_000);
        assertThat(units(early, AT_ONCE)).containsExactly(0L, 1L);
        assertThat(units(early, IN_TIME)).containsOnly(0L);

        EvidenceBlock matured = last(close(70_000));
        assertThat(matured.getWindowStart().toEpochMilli()).isEqualTo(at(MATURITY));
        assertThat(matured.getMetrics().get(IN_TIME).getCounts()).startsWith(1L, 1L);
        assertThat(matured.getMetrics().get(IN_ALL).getCounts()).startsWith(0L, 0L);
        assertThat(last(close(3_700_000)).getMetrics().get(IN_ALL).getCounts()).startsWith(1L, 1L);
        assertThat(fixture.due).isEmpty();
    }

    @Test
    void countsOnlyOutcomesThatCameByThen() {
        answer(collector, conversions, 0, prediction(conversions, "in-time", Arm.EXISTING, 0.5));
        answer(collector, conversions, 0, prediction(conversions, "late", Arm.EXISTING, 0.5));
        answer(collector, conversions, 0, prediction(conversions, "never", Arm.EXISTING, 0.5));
        outcome(collector, conversions, MATURITY, "in-time", true);
        // It is read before the window that the requests mature in is closed.
        outcome(collector, conversions, MATURITY + 1, "late", true);
        List<EvidenceBlock> closed = close(3_700_000);
        assertThat(units(closed, IN_TIME).stream().mapToLong(Long::longValue).sum())
                .isEqualTo(1);
        assertThat(units(closed, IN_ALL).stream().mapToLong(Long::longValue).sum())
                .isEqualTo(2);
        assertThat(outcome(collector, conversions, 3_600_001, "never", true)).isEqualTo(Collected.LATE);
    }

    @Test
    void countsARedeliveredRecordOnce() {
        for (int delivery = 0; delivery < 2; delivery++) {
            answer(collector, conversions, 10, prediction(conversions, "r", Arm.EXISTING, 0.5));
            outcome(collector, conversions, 20, "r", true);
        }
        assertThat(last(close(70_000)).getMetrics().get(IN_TIME).getCounts()).startsWith(1L, 1L);
        answer(collector, conversions, 70_000, prediction(conversions, "r", Arm.EXISTING, 0.5));
        outcome(collector, conversions, 70_000, "r", true);
        assertThat(close(200_000)).isEmpty();
    }

    @Test
    void continuesAfterARestart() {
        answer(collector, conversions, 100, prediction(conversions, "r", Arm.CANDIDATE, 0.5));
        WindowCollector successor = fixture.collector();
        collector.takeChangedClock().ifPresent(successor::restore);
        collector.takeChangedWindows().forEach(windows -> successor.restore(conversions, windows));
        outcome(successor, conversions, 30_000, "r", false);
        assertThat(last(blocks(successor.closeComplete(at(70_000))))
                        .getMetrics()
                        .get(IN_TIME)
                        .getCounts())
                .containsExactly(0L, 0L, 1L, 0L);
    }

    @Test
    void keepsARequestUntilItHasBeenCounted() {
        answer(collector, conversions, 100, prediction(conversions, "r", Arm.EXISTING, 0.5));
        assertThat(conversions.isMaturing(fixture.pending.get("d/r"))).isTrue();
        close(3_700_000);
        assertThat(conversions.isMaturing(fixture.pending.get("d/r"))).isFalse();
    }

    @Test
    void countsNothingOfAnEpochThatIsOver() {
        answer(collector, conversions, 100, prediction(conversions, "r", Arm.EXISTING, 0.5));
        outcome(collector, conversions, 200, "r", true);
        LiveRollout next = nextEpoch(conversions);
        answer(collector, next, 300, prediction(next, "s", Arm.EXISTING, 0.5));
        outcome(collector, next, 400, "s", true);
        assertThat(units(close(70_000), IN_TIME).stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(1);
    }

    @Test
    void aRequestOfAShadowMaturesWithItsLastAnswer() {
        LiveRollout shadow = live(SHADOW);
        answer(collector, shadow, 0, prediction(shadow, "r", Arm.EXISTING, 0.6));
        assertThat(fixture.due).isEmpty();
        outcome(collector, shadow, 4000, "r", true);
        answer(collector, shadow, 5000, prediction(shadow, "r", Arm.CANDIDATE, 0.9));
        assertThat(fixture.due.values())
                .singleElement()
                .satisfies(due -> assertThat(due.time()).isEqualTo(at(5000 + MATURITY)));
        EvidenceBlock matured = last(close(72_000));
        assertThat(matured.getWindowStart().toEpochMilli()).isEqualTo(at(5000 + MATURITY));
        assertThat(matured.getExistingLabelled()).isEqualTo(1);
        assertThat(matured.getCandidateLabelled()).isEqualTo(1);
    }

    private List<EvidenceBlock> close(long wallClock) {
        return blocks(collector.closeComplete(at(wallClock)));
    }

    private static List<EvidenceBlock> blocks(List<PartialEvidence> partials) {
        List<EvidenceBlock> blocks = new ArrayList<>();
        partials.forEach(partial -> blocks.addAll(partial.getBlocks()));
        return blocks;
    }

    private static EvidenceBlock last(List<EvidenceBlock> blocks) {
        return blocks.get(blocks.size() - 1);
    }

    /** The units of a metric in both arms together, by window. */
    private static List<Long> units(List<EvidenceBlock> blocks, int metric) {
        return blocks.stream()
                .map(block -> block.getMetrics().get(metric).getCounts())
                .map(counts -> counts.get(0) + counts.get(2))
                .toList();
    }
}

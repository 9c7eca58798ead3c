package io.understudy.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.analysis.Analysis.Window;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalysisTest {

    private static final EvidencePlan PLAN = SpecReader.evidence("""
            unit: request
            metrics:
              - {name: loss, kind: log-loss, role: success, mde: 0.1}
              - {name: bought, kind: conversion, role: success, mde: 1.3}
            stages:
              - {kind: shadow, require: superiority}
              - {kind: canary, share: 5%}
              - {kind: ab, share: 50%, require: superiority}
            """);

    private final List<Window> windows = new ArrayList<>();

    private Window run(String csv, Integer stage) throws IOException {
        return new Analysis(PLAN).run(() -> new StringReader(csv), Optional.ofNullable(stage), windows::add);
    }

    private static String arms(double existing, double candidate, int rows) {
        Random random = new Random(5);
        StringBuilder csv = new StringBuilder("time,arm,key,loss,bought\n");
        for (int i = 0; i < rows; i++) {
            boolean byCandidate = random.nextBoolean();
            csv.append(String.format(
                    Locale.ROOT,
                    "2026-03-01T00:%02d:%02dZ,%s,k%d,%f,%s%n",
                    i / 10 / 60 % 60,
                    i / 10 % 60,
                    byCandidate ? "candidate" : "existing",
                    i,
                    0.5 + random.nextGaussian() / 10,
                    random.nextDouble() < (byCandidate ? candidate : existing)));
        }
        return csv.toString();
    }

    @Test
    void emptyCellsOfOneArmAreLostOutcomes() throws IOException {
        StringBuilder csv = new StringBuilder();
        for (String line : arms(0.5, 0.5, 8000).split("\n", -1)) {
            boolean lost = line.contains("candidate") && line.endsWith("false") && line.hashCode() % 5 == 0;
            csv.append(lost ? line.replace("false", "") : line).append('\n');
        }

        Window last = run(csv.toString(), null);

        assertThat(last.ruling().code()).isEqualTo(ReasonCode.UNEVEN_OUTCOMES);
        assertThat(last.ruling().verdict()).isEqualTo(Verdict.INVALID);
        assertThat(last.ruling().reason()).contains("bought");
        assertThat(windows).noneMatch(window -> window.ruling().verdict() == Verdict.PASS);
    }

    @Test
    void pairsOfWhichOneModelHasNoValueAreLostOutcomes() throws IOException {
        StringBuilder csv = new StringBuilder("time,key,existing.loss,candidate.loss\n");
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            double loss = random.nextDouble();
            String candidate = loss > 0.9 ? "" : Double.toString(loss);
            csv.append(i * 20)
                    .append(",k")
                    .append(i)
                    .append(',')
                    .append(loss)
                    .append(',')
                    .append(candidate)
                    .append('\n');
        }

        assertThat(run(csv.toString(), null).ruling().code()).isEqualTo(ReasonCode.UNEVEN_OUTCOMES);
    }

    @Test
    void passesAndAbortsSeparateArmsWindowByWindow() throws IOException {
        Window last = run(arms(0.2, 0.35, 10_000), null);
        assertThat(last.ruling().verdict()).isEqualTo(Verdict.PASS);
        assertThat(last.stage())
                .as("the stage whose share is closest to that of the data")
                .isEqualTo(2);
        assertThat(windows).hasSizeGreaterThan(3).endsWith(last);
        assertThat(windows.get(0).start()).isEqualTo("2026-03-01T00:00:00Z");
        assertThat(windows.get(0).end()).isEqualTo("2026-03-01T00:00:05Z");
        assertThat(run(arms(0.35, 0.2, 10_000), null).ruling().verdict()).isEqualTo(Verdict.ABORT);
    }

    @Test
    void judgesPairsInTheShadowStage() throws IOException {
        Random random = new Random(6);
        StringBuilder csv = new StringBuilder("time,key,existing.loss,candidate.loss\n");
        for (int i = 0; i < 2000; i++) {
            double loss = 0.6 + random.nextGaussian();
            csv.append(String.format(
                    Locale.ROOT,
                    "%d,k%d,%f,%f%n",
                    1_000_000 + i * 100,
                    i,
                    loss,
                    loss - 0.2 + random.nextGaussian() / 2));
        }
        Window last = run(csv.toString(), null);
        assertThat(last.stage()).isZero();
        assertThat(last.ruling().verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void leavesEmptyCellsOutAndCountsThemAsUnlabelled() throws IOException {
        Window last = run("time,arm,key,loss,bought\n0,existing,a,,\n1,candidate,b,0.5,1\n", null);
        assertThat(last.ruling().existing().getLabelled()).isZero();
        assertThat(last.ruling().candidate().getLabelled()).isEqualTo(1);
        assertThat(last.ruling().metrics().get(0).getExisting().getUnits()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "time,arm,key,loss|the column bought is missing; the columns are time, arm, key, loss",
                "time,key,loss,bought|the data have neither a column arm nor a column that begins with existing.",
                "time,arm,key,loss,bought|the data have no rows",
                "time,arm,key,key,bought|the header line cannot be used: ",
                "''|the data are empty",
                "\uFEFFtime,arm,key,loss,bought|the data have no rows",
                "time,arm,key,loss,bought;0,existing,,1,1|line 2, column key: '' is not allowed",
                "time,arm,key,loss,bought;0,b,k,1,1|line 2, column arm: 'b' is not allowed; it must be existing or candidate",
                "time,arm,key,loss,bought;0,existing,k,1,2|line 2, column bought: '2' is not allowed; it must be 0 or 1",
                "time,arm,key,loss,bought;0,existing,k,much,1|line 2, column loss: 'much' is not allowed; it must be a number",
                "time,arm,key,loss,bought;noon,existing,k,1,1|line 2, column time: 'noon' is not allowed",
                "time,arm,key,loss,bought;0,existing,k|line 2 has 3 cells; it must have 5",
            })
    void namesTheLineAndTheColumnOfInvalidData(String csv, String fault) {
        assertThatThrownBy(() -> run(csv.replace(";", "\n"), null))
                .isInstanceOf(InvalidDataException.class)
                .hasMessageStartingWith(fault);
    }

    @Test
    void rejectsPairsForAStageOfSeparateArms() {
        assertThatThrownBy(() -> run("time,key,existing.loss,candidate.loss\n0,k,1,1\n", 1))
                .hasMessage("stages[1] compares separate arms, but the data are pairs");
    }
}

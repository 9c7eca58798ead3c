package io.understudy.analysis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.understudy.analysis.Analysis.Window;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
        return run(csv.getBytes(UTF_8), stage);
    }

    private Window run(byte[] csv, Integer stage) throws IOException {
        return new Analysis(PLAN).run(() -> new ByteArrayInputStream(csv), Optional.ofNullable(stage), windows::add);
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

        assertThat(last.ruling().code()).isEqualTo(ReasonCode.UNEVEN_OUTCOMES.name());
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

        assertThat(run(csv.toString(), null).ruling().code()).isEqualTo(ReasonCode.UNEVEN_OUTCOMES.name());
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
                "time,arm,key,loss,bought;0,existing,k,much,1|line 2, column loss: 'much' is not allowed; it must be a finite number, or empty if it is unknown",
                "time,arm,key,loss,bought;0,existing,k,NaN,1|line 2, column loss: 'NaN' is not allowed; it must be a finite number, or empty if it is unknown",
                "time,arm,key,loss,bought;;0,existing,k,1,1;;0,existing,k,NA,1|line 5, column loss: 'NA' is not allowed",
                "time,arm,key,loss,bought;1767225600000000,existing,k,1,1|line 2, column time: '1767225600000000' is not allowed; it must be like 2026-03-05T12:00:00Z, or whole milliseconds or seconds since 1970",
                "time,arm,key,loss,bought;0,existing,\"k,1,1;1,existing,k,1,1|line 2 has a quote that is not closed in the line",
                "time,arm,key,loss,bought;0,existing,k,1,1;1,existing,\"k,1,1;2,existing,k,1,1;3,existing,k\",1,1;4,existing,k,1,1|line 3 has a quote that is not closed in the line",
                "time,arm,key,loss,bought;0,existing,\"k\"x,1,1|line 2 has a quote that is not closed in the line, or text after a closing quote",
                "time,arm,\"key,loss,bought;0,existing,k,1,1|line 1 has a quote that is not closed in the line",
                "time,arm,\"key;loss\",bought;0,existing,k,1,1|line 1 has a quote that is not closed in the line",
                "time\tarm\tkey\tloss\tbought;0\texisting\tk\t1\t1|the header line has tabs and no comma; the columns must be separated by commas",
                "time|the data have neither a column arm nor",
                "';time,arm,key,loss,bought'|the header line cannot be used: ",
                "time,arm,key,loss,bought;noon,existing,k,1,1|line 2, column time: 'noon' is not allowed",
                "time,arm,key,loss,bought;0,existing,k|line 2 has 3 cells; it must have 5",
            })
    void namesTheLineAndTheColumnOfInvalidData(String csv, String fault) {
        assertThatThrownBy(() -> run(csv.replace(";", "\n"), null))
                .isInstanceOf(InvalidDataException.class)
                .hasMessageStartingWith(fault);
    }

    private static final String ROWS = "time,arm,key,loss,bought\n%s,existing,a,0.5,1\n%s,candidate,b,0.5,1\n";

    @Test
    void readsSemicolonsOnlyAsASeparatorThatIsRefused() {
        assertThatThrownBy(() -> run(ROWS.replace(",", ";"), null))
                .hasMessage("the header line has semicolons and no comma; the columns must be separated by commas");
    }

    @Test
    void readsLinesThatEndAsOnWindowsAndQuotedCells() throws IOException {
        Window last =
                run(String.format(ROWS, "\"0\"", "1").replace("\n", "\r\n").replace(",a,", ",\"a, \"\"b\"\"\","), null);

        assertThat(last.ruling().existing().getRequests()).isEqualTo(1);
        assertThat(last.ruling().candidate().getRequests()).isEqualTo(1);
    }

    @Test
    void readsWhatTheByteOrderMarkSays() throws IOException {
        byte[] littleEndian =
                ("\uFEFF" + String.format(ROWS, "0", "1").replace(",a,", ",ä\uD83D\uDE00,")).getBytes(UTF_16LE);
        byte[] bigEndian = String.format(ROWS, "0", "1").replace(",a,", ",ä,").getBytes(UTF_16);

        assertThat(run(littleEndian, null).ruling().existing().getRequests()).isEqualTo(1);
        assertThat(run(bigEndian, null).ruling().candidate().getRequests()).isEqualTo(1);
    }

    @Test
    void saysWhichByteIsInAnotherEncoding() {
        byte[] latin = String.format(ROWS, "0", "1").replace(",b,", ",größe,").getBytes(ISO_8859_1);
        byte[] unmarked = String.format(ROWS, "0", "1").getBytes(UTF_16LE);
        byte[] late = (arms(0.2, 0.2, 3000) + "2026-03-01T01:00:00Z,existing,é,0.5,1\n").getBytes(ISO_8859_1);

        assertThatThrownBy(() -> run(latin, null))
                .hasMessage("line 3, byte 59 of the file (0xF6) is not UTF-8; the data must be in UTF-8, or in UTF-16"
                        + " with a byte order mark");
        assertThatThrownBy(() -> run(unmarked, null)).hasMessageStartingWith("line 1 has a null character");
        assertThatThrownBy(() -> run(late, null))
                .hasMessageStartingWith("line 3002, byte " + (late.length - 7) + " of the file (0xE9)");
    }

    @ParameterizedTest
    @CsvSource({
        "1772366400,    1772366403,       2026-03-01T12:00:00Z",
        "978307200,     1009843200,       2001-01-01T00:00:00Z",
        "1772366400000, 1772366403000,    2026-03-01T12:00:00Z",
        "5000,          7000,             1970-01-01T00:00:05Z",
        "2026-03-01T12:00:00, 2026-03-01 12:00:01, 2026-03-01T12:00:00Z",
    })
    void readsSecondsWhereAllRowsHaveSeconds(String first, String second, String start) throws IOException {
        run(String.format(ROWS, first, second), null);

        assertThat(windows.get(0).start()).isEqualTo(start);
    }

    @Test
    void readsMillisecondsThatBeginNearZeroAndGoOnForWeeks() throws IOException {
        run(String.format(ROWS, "5000", "200000000") + "2000000000,existing,c,0.5,1\n", null);

        assertThat(windows.get(2).start()).isEqualTo("1970-01-24T03:33:20Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1772366400|1772366403000|'1772366400' in line 2 is before March 1973 or in seconds, '1772366403000' in line 3 is in milliseconds",
                "1772366400|0|'0' in line 3 is in milliseconds, '1772366400' in line 2 is in seconds",
                "1772366400000|2026-03-01T12:00:00Z|'1772366400000' in line 2 is a number, '2026-03-01T12:00:00Z' in line 3 is a date",
            })
    void refusesTimesOfSeveralUnits(String first, String second, String fault) {
        assertThatThrownBy(() -> run(String.format(ROWS, first, second), null))
                .hasMessage("column time: " + fault + "; all rows must have times of the same form and unit");
    }

    private static EvidencePlan smallShares(String unit) {
        return SpecReader.evidence("unit: " + unit + """

                metrics:
                  - {name: bought, kind: conversion, role: success, mde: 1.3}
                stages:
                  - {kind: canary, share: 5%}
                  - {kind: ab, share: 20%}
                """);
    }

    private static Window analyse(String unit, int existing, int candidate, int rowsOfAKey) throws IOException {
        StringBuilder csv = new StringBuilder("time,arm,key,bought\n");
        for (int i = 0; i < (existing + candidate) * rowsOfAKey; i++) {
            int key = i / rowsOfAKey;
            csv.append(i + "," + (key < candidate ? "candidate" : "existing") + ",k" + key + ",1\n");
        }
        return new Analysis(smallShares(unit))
                .run(() -> new ByteArrayInputStream(csv.toString().getBytes(UTF_8)), Optional.empty(), window -> {});
    }

    @Test
    void refusesDataWhoseShareFitsNoStage() throws IOException {
        assertThatThrownBy(() -> analyse("request", 500, 500, 1))
                .hasMessage(
                        "the candidate has 500 of the data's 1000 rows, and no stage has a share near that:"
                                + " stages[0] has 5%, stages[1] has 20%; change the share of a stage, or name the stage to judge");
        assertThatThrownBy(() -> analyse("key", 50, 50, 3))
                .hasMessageStartingWith("the candidate has 50 of the data's 100 keys");
        assertThatThrownBy(() -> analyse("request", 1000, 0, 1)).hasMessageStartingWith("the candidate has 0 of");
        assertThat(analyse("request", 940, 60, 1).stage()).isZero();
        assertThat(analyse("request", 1, 1, 1).stage())
                .as("two rows say nothing")
                .isEqualTo(1);
    }

    @Test
    void leavesALossOfUnitsToTheJudge() throws IOException {
        assertThat(analyse("request", 5000, 900, 1).ruling().verdict()).isEqualTo(Verdict.INVALID);
    }

    @Test
    void rejectsPairsForAStageOfSeparateArms() {
        assertThatThrownBy(() -> run("time,key,existing.loss,candidate.loss\n0,k,1,1\n", 1))
                .hasMessage("stages[1] compares separate arms, but the data are pairs");
    }

    @Test
    void judgesARatioOfTwoColumns() throws IOException {
        EvidencePlan plan = SpecReader.evidence("""
                unit: request
                metrics: [{name: rps, kind: ratio, role: success, mde: 0.4, numerator: revenue, denominator: sessions}]
                stages: [{kind: ab, share: 50%, require: superiority}]
                """);
        Random random = new Random(7);
        StringBuilder csv = new StringBuilder("time,arm,key,rps.numerator,rps.denominator\n");
        for (int i = 0; i < 20_000; i++) {
            boolean byCandidate = random.nextBoolean();
            int sessions = 1 + random.nextInt(4);
            // The candidate's sessions are fewer, and each brings more.
            int counted = byCandidate ? (sessions + 1) / 2 : sessions;
            csv.append(String.format(
                    Locale.ROOT,
                    "%d,%s,k,%f,%d%n",
                    i * 20L,
                    byCandidate ? "candidate" : "existing",
                    counted * (byCandidate ? 2.5 : 2) + random.nextGaussian(),
                    counted));
        }

        Window last = new Analysis(plan)
                .run(() -> new ByteArrayInputStream(csv.toString().getBytes(UTF_8)), Optional.empty(), windows::add);

        assertThat(last.ruling().verdict()).isEqualTo(Verdict.PASS);
        assertThat(last.ruling().metrics().get(0).getEffect()).isCloseTo(0.5, within(0.2));
        assertThatThrownBy(() -> new Analysis(plan)
                        .run(
                                () -> new ByteArrayInputStream(
                                        "time,arm,key,rps.numerator,rps.denominator\n1,existing,k,1,-2\n"
                                                .getBytes(UTF_8)),
                                Optional.empty(),
                                windows::add))
                .hasMessage("line 2, column rps.denominator: '-2' is not allowed; it must be at least 0");
    }
}

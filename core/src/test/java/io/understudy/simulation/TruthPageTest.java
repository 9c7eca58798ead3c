package io.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Simulation.End;
import io.understudy.simulation.Simulation.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The truths of the page docs/simulation.md and of the example can be simulated. */
class TruthPageTest {

    private static final Path PAGE = Path.of("../docs/simulation.md");
    private static final Path EXAMPLES = Path.of("../examples/judging");
    private static final Pattern BLOCK = Pattern.compile("(?s)```yaml\n(.*?)```");

    private static List<Run> play(String truth, int runs) throws IOException {
        EvidencePlan plan = SpecReader.evidence(Files.readString(EXAMPLES.resolve("rollout.yaml")));
        return new Simulation(plan, TruthReader.read(truth, plan), 60).play(runs, 1, done -> {});
    }

    @Test
    void everyTruthOfThePageIsSimulated() throws IOException {
        List<String> truths = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();

        assertThat(truths).hasSize(2);
        for (String truth : truths) {
            assertThat(play(truth, 2)).hasSize(2);
        }
    }

    @Test
    void theExampleFailsInItsSecondStage() throws IOException {
        List<Run> runs = play(Files.readString(EXAMPLES.resolve("late.yaml")), 10);

        assertThat(runs.stream().filter(run -> run.end() == End.ABORTED))
                .hasSizeGreaterThan(7)
                .extracting(Run::stage)
                .containsOnly(1);
    }
}

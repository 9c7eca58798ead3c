package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RolloutStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StateMachineTest {

    private static final Path MACHINE = Path.of("../core/src/main/java/io/understudy/rollout/RolloutMachine.java");

    private static final Pattern TABLE = Pattern.compile("(<pre>\\{@code\n)(.*?)( \\* }</pre>)", Pattern.DOTALL);

    @Test
    void theTableInTheJavadocIsWhatTheMachineDoes() throws IOException {
        String source = Files.readString(MACHINE);
        Matcher table = TABLE.matcher(source);
        assertThat(table.find()).as("a table in " + MACHINE).isTrue();
        String expected =
                StateMachine.text().lines().map(line -> " * " + line + "\n").reduce("", String::concat);
        if (Boolean.parseBoolean(System.getenv("UPDATE_DOCS"))) {
            Files.writeString(MACHINE, source.substring(0, table.start(2)) + expected + source.substring(table.end(2)));
            return;
        }
        assertThat(table.group(2))
                .as("run with UPDATE_DOCS=true to write it again")
                .isEqualTo(expected);
    }

    @Test
    void reachesEveryStatus() {
        assertThat(StateTransition.all())
                .extracting(StateTransition::to)
                .containsAll(Arrays.stream(RolloutStatus.values())
                        .filter(status -> status != RolloutStatus.UNKNOWN)
                        .map(Enum::name)
                        .toList());
    }
}

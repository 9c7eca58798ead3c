package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {

    private static final Path DOCS = Path.of("../docs");

    private static final Map<String, Supplier<String>> PAGES = Map.of(
            "reference.md", Reference::render,
            "access.md", AccessPage::render,
            "cli.md", CommandPage::render,
            "asyncapi.yaml", AsyncApi::render,
            "state-machine.md", StateMachine::page);

    @ParameterizedTest
    @ValueSource(strings = {"reference.md", "access.md", "cli.md", "asyncapi.yaml", "state-machine.md"})
    void theCommittedPageIsWhatTheCodeSays(String page) throws IOException {
        String rendered = PAGES.get(page).get();
        if (Boolean.parseBoolean(System.getenv("UPDATE_DOCS"))) {
            Files.writeString(DOCS.resolve(page), rendered);
        }
        assertThat(DOCS.resolve(page))
                .as("run with UPDATE_DOCS=true to write it again")
                .hasContent(rendered);
    }
}

package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferenceTest {

    private static final Path PAGE = Path.of("../docs/reference.md");

    @Test
    void theCommittedPageIsWhatTheCodeSays() throws IOException {
        String rendered = Reference.render();
        if (Boolean.parseBoolean(System.getenv("UPDATE_DOCS"))) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, rendered);
        }
        assertThat(PAGE).as("run with UPDATE_DOCS=true to write it anew").hasContent(rendered);
    }
}

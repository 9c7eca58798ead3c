package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.reason.ReasonCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.StrongEmphasis;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runbook and the reason codes stay together: an operator who meets a code finds its entry, and what it says. */
class RunbookTest {

    private static final Path DOCS = Path.of("../docs").toAbsolutePath().normalize();
    private static final int SECTION = 2;
    private static final int ENTRY = 3;

    /** The labels that every entry of a code has, in bold at the beginning of a paragraph. */
    private static final List<String> PARTS = List.of("Text.", "Meaning.", "Likely causes.", "What to do.");

    /**
     * An entry.
     *
     * @param title its heading
     * @param parts the text after each label
     */
    private record Entry(String title, Map<String, String> parts) {}

    @ParameterizedTest
    @EnumSource
    void everyCodeOfAGroupHasOneEntryInItsSection(ReasonCode.Group group) throws IOException {
        List<Entry> entries = sections().getOrDefault(title(group), List.of());

        assertThat(entries)
                .extracting(Entry::title)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ReasonCode.values())
                        .filter(code -> code.group() == group)
                        .map(Enum::name)
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void everyEntryOfACodeSaysWhatItMeansWhyItHappensAndWhatToDo(ReasonCode.Group group) throws IOException {
        List<Entry> entries = sections().getOrDefault(title(group), List.of());

        assertThat(entries).isNotEmpty().allSatisfy(entry -> {
            assertThat(entry.parts().keySet()).as(entry.title()).containsExactlyElementsOf(PARTS);
            assertThat(entry.parts().values()).as(entry.title()).noneMatch(String::isBlank);
        });
    }

    @Test
    void noCodeHasAnEntryElsewhere() throws IOException {
        List<String> titles = sections().values().stream()
                .flatMap(List::stream)
                .map(Entry::title)
                .toList();

        assertThat(titles).doesNotHaveDuplicates();
    }

    /** A code that does not exist would never match, and the alert would never fire. */
    @Test
    void alertsMatchOnlyOnCodesThatExist() throws IOException {
        TreeSet<String> matched = new TreeSet<>();
        Pattern.compile("code=~?\"([^\"]+)\"")
                .matcher(Files.readString(DOCS.resolve("alerts.yml")))
                .results()
                .forEach(match -> matched.addAll(List.of(match.group(1).split("\\|"))));

        assertThat(matched).isNotEmpty();
        assertThat(Arrays.stream(ReasonCode.values()).map(Enum::name)).containsAll(matched);
    }

    private static String title(ReasonCode.Group group) {
        return switch (group) {
            case VERDICT -> "Verdicts";
            case COMMAND -> "Commands";
            case REJECTION -> "Rejections";
            case OTHER -> "Other";
        };
    }

    /** The entries of the runbook by the section they are in. */
    private static Map<String, List<Entry>> sections() throws IOException {
        Parser parser =
                Parser.builder().extensions(List.of(TablesExtension.create())).build();
        Map<String, List<Entry>> sections = new LinkedHashMap<>();
        List<Entry> section = new ArrayList<>();
        String label = "";
        Node page = parser.parse(Files.readString(DOCS.resolve("runbook.md")));
        for (Node node = page.getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading heading && heading.getLevel() <= SECTION) {
                section = sections.computeIfAbsent(text(heading), title -> new ArrayList<>());
            } else if (node instanceof Heading heading && heading.getLevel() == ENTRY) {
                section.add(new Entry(text(heading), new LinkedHashMap<>()));
                label = "";
            } else if (!section.isEmpty()) {
                Map<String, String> parts = section.get(section.size() - 1).parts();
                String text = text(node);
                if (node instanceof Paragraph && node.getFirstChild() instanceof StrongEmphasis strong) {
                    label = text(strong);
                    text = text.substring(label.length());
                }
                parts.merge(label, text, String::concat);
            }
        }
        return sections;
    }

    private static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text words) {
                text.append(words.getLiteral());
            }

            @Override
            public void visit(Code code) {
                text.append(code.getLiteral());
            }
        });
        return text.toString();
    }
}

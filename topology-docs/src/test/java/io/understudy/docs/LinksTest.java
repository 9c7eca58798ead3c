package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.Test;

/** Every link of every page leads somewhere: to a file that is there, and to a heading in it. */
class LinksTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Parser PARSER =
            Parser.builder().extensions(List.of(TablesExtension.create())).build();

    /** A page's links and the anchors of its headings. */
    private static final class Page extends AbstractVisitor {
        private final List<String> links = new ArrayList<>();
        private final Set<String> anchors = new TreeSet<>();
        private final Map<String, Integer> seen = new HashMap<>();

        static Page of(Path file) throws IOException {
            Page page = new Page();
            PARSER.parse(Files.readString(file)).accept(page);
            return page;
        }

        @Override
        public void visit(Link link) {
            links.add(link.getDestination());
            visitChildren(link);
        }

        @Override
        public void visit(Image image) {
            links.add(image.getDestination());
        }

        @Override
        public void visit(Heading heading) {
            StringBuilder text = new StringBuilder();
            collect(heading, text);
            String anchor = text.toString()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
            visitChildren(heading);
        }

        private static void collect(Node node, StringBuilder text) {
            for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
                if (child instanceof Text words) {
                    text.append(words.getLiteral());
                } else if (child instanceof Code code) {
                    text.append(code.getLiteral());
                } else {
                    collect(child, text);
                }
            }
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String place : List.of(".", "docs", "benchmarks")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(place))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(file -> pages.add(file.normalize()));
            }
        }
        return pages;
    }

    @Test
    void noLinkIsDead() throws IOException {
        List<String> dead = new ArrayList<>();
        int looked = 0;
        for (Path page : pages()) {
            for (String link : Page.of(page).links) {
                if (URI.create(link).getScheme() == null) {
                    looked++;
                    fault(page, link).ifPresent(dead::add);
                }
            }
        }
        assertThat(dead).isEmpty();
        assertThat(looked).isGreaterThan(50);
    }

    private static Optional<String> fault(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? page
                : page.resolveSibling(URLDecoder.decode(parts[0], StandardCharsets.UTF_8))
                        .normalize();
        String where = ROOT.relativize(page) + ": " + link;
        if (!Files.exists(target)) {
            return Optional.of(where + " leads to no file");
        }
        if (parts.length == 2 && !Page.of(target).anchors.contains(parts[1])) {
            return Optional.of(where + " leads to no heading");
        }
        return Optional.empty();
    }

    /** The runbook that an alert names must be there when it rings. */
    @Test
    void everyAlertHasItsRunbook() throws IOException {
        Set<String> anchors = Page.of(ROOT.resolve("docs/runbook.md")).anchors;
        Matcher runbook = Pattern.compile("runbook: docs/runbook\\.md#(\\S+)")
                .matcher(Files.readString(ROOT.resolve("docs/alerts.yml")));
        List<String> named = new ArrayList<>();
        while (runbook.find()) {
            named.add(runbook.group(1));
        }
        assertThat(named).hasSizeGreaterThan(5);
        assertThat(anchors).containsAll(named);
    }

    @Test
    void everyPageOfTheDocsIsListedInTheirIndex() throws IOException {
        List<String> links = Page.of(ROOT.resolve("docs/README.md")).links;
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".md") && !name.equals("README.md")))
                    .allSatisfy(name -> assertThat(links).contains(name));
        }
    }
}

package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * NOTICE names every artifact of the production image, with the licences of its POM, and the image contains none under
 * another licence than we accept. The artifacts are those that the enforcer's list in streams-app allows.
 */
class NoticeTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ALLOWED_ARTIFACT = Pattern.compile("<include>([\\w.-]+:[\\w.-]+)</include>");
    private static final Pattern COLUMNS = Pattern.compile(" {2,}");

    private static final String APACHE = "Apache License 2.0";
    private static final Set<String> ACCEPTED =
            Set.of(APACHE, "MIT License", "BSD 2-Clause License", "BSD 3-Clause License", "EPL 2.0");

    /** How the POMs write the licences, and how NOTICE does. */
    private static final Map<Pattern, String> SPELLINGS = Map.of(
            Pattern.compile(".*Apache.*2\\.0"), APACHE,
            Pattern.compile("MIT( License)?"), "MIT License",
            Pattern.compile("BSD.2-Clause( License)?"), "BSD 2-Clause License",
            Pattern.compile("BSD.3-Clause( License)?"), "BSD 3-Clause License",
            Pattern.compile("(EPL|Eclipse Public License)\\W+(v\\. )?2\\.0"), "EPL 2.0",
            Pattern.compile("LGPL-2\\.1-only"), "LGPL 2.1",
            Pattern.compile("GNU General Public License, version 2"), "GPL 2.0",
            Pattern.compile("GPL2 w/ CPE"), "GPL 2.0 with Classpath Exception",
            Pattern.compile(".*CC0"), "CC0 1.0");

    /** An artifact as the local repository stores it. */
    private record Artifact(Path repository, String group, String name, String version) {

        /** The version that is on the class path. */
        static Artifact onClassPath(String coordinates) {
            String group = coordinates.substring(0, coordinates.indexOf(':'));
            String name = coordinates.substring(group.length() + 1);
            Path path = Path.of(group.replace('.', '/'), name);
            return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                    .map(jar -> Path.of(jar).toAbsolutePath().getParent())
                    .filter(folder -> folder.getParent().endsWith(path))
                    .map(folder -> new Artifact(
                            folder.getRoot()
                                    .resolve(folder.subpath(0, folder.getNameCount() - path.getNameCount() - 1)),
                            group,
                            name,
                            folder.getFileName().toString()))
                    .findFirst()
                    .orElseThrow(
                            () -> new AssertionError(coordinates + " is allowed in streams-app/pom.xml but not used"));
        }

        /** Those of its POM; where that names none, those of its parent. */
        Set<String> licences() {
            Element project = Xml.root(
                    repository.resolve(Path.of(group.replace('.', '/'), name, version, name + "-" + version + ".pom")));
            Optional<Element> licences = Xml.child(project, "licenses");
            if (licences.isPresent()) {
                return Xml.children(licences.get())
                        .map(licence -> spelled(Xml.text(licence, "name")))
                        .collect(Collectors.toSet());
            }
            return Xml.child(project, "parent")
                    .map(parent -> new Artifact(
                            repository,
                            Xml.text(parent, "groupId"),
                            Xml.text(parent, "artifactId"),
                            Xml.text(parent, "version")))
                    .map(Artifact::licences)
                    .orElse(Set.of());
        }

        private static String spelled(String licence) {
            return SPELLINGS.entrySet().stream()
                    .filter(spelling -> spelling.getKey().matcher(licence).matches())
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(licence);
        }
    }

    @Test
    void namesEachArtifactOfTheProductionImageWithItsLicences() throws Exception {
        Map<String, Set<String>> notice = notice();

        assertThat(production()).hasSizeGreaterThan(50);
        assertThat(production().entrySet().stream()
                        .filter(used ->
                                !entry(notice, used.getKey()).map(notice::get).equals(Optional.of(used.getValue()))))
                .isEmpty();
    }

    @Test
    void namesNothingElseAsAPartOfTheProductionImage() throws Exception {
        Map<String, Set<String>> notice = notice();

        assertThat(production().keySet().stream().flatMap(artifact -> entry(notice, artifact).stream()))
                .containsAll(notice.keySet());
    }

    @Test
    void acceptsALicenceOfEachArtifactOfTheProductionImage() throws Exception {
        assertThat(production().entrySet().stream().filter(used -> Collections.disjoint(used.getValue(), ACCEPTED)))
                .isEmpty();
    }

    /** The licences by group and name. */
    private static Map<String, Set<String>> production() throws IOException {
        return ALLOWED_ARTIFACT
                .matcher(Files.readString(ROOT.resolve("streams-app/pom.xml")))
                .results()
                .map(match -> match.group(1))
                .filter(artifact -> !artifact.startsWith("io.understudy:"))
                .collect(Collectors.toMap(
                        artifact -> artifact,
                        artifact -> Artifact.onClassPath(artifact).licences()));
    }

    /** The licences by what the second of three columns has: a group and those below it, or a group and a name. */
    private static Map<String, Set<String>> notice() throws IOException {
        Map<String, Set<String>> licences = new HashMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("NOTICE"))) {
            String[] columns = COLUMNS.split(line, -1);
            if (columns.length == 3) {
                for (String coordinates : columns[1].split(", ", -1)) {
                    licences.put(coordinates, Set.of(columns[2].split(" or ", -1)));
                }
            }
        }
        return licences;
    }

    private static Optional<String> entry(Map<String, Set<String>> notice, String artifact) {
        return notice.keySet().stream()
                .filter(key -> artifact.equals(key) || artifact.startsWith(key + ":") || artifact.startsWith(key + "."))
                .findFirst();
    }

    /** The little of XML that a POM needs. */
    private static final class Xml {
        private static final DocumentBuilderFactory FACTORY = DocumentBuilderFactory.newInstance();

        private Xml() {}

        static Element root(Path file) {
            try {
                return FACTORY.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
            } catch (IOException | SAXException | ParserConfigurationException e) {
                throw new AssertionError(file + " cannot be read", e);
            }
        }

        static Stream<Element> children(Element parent) {
            NodeList nodes = parent.getChildNodes();
            return IntStream.range(0, nodes.getLength())
                    .mapToObj(nodes::item)
                    .filter(Element.class::isInstance)
                    .map(Element.class::cast);
        }

        static Optional<Element> child(Element parent, String name) {
            return children(parent)
                    .filter(child -> child.getTagName().equals(name))
                    .findFirst();
        }

        static String text(Element parent, String name) {
            return child(parent, name).orElseThrow().getTextContent().strip();
        }
    }
}

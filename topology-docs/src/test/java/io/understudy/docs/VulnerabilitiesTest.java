package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.junit.jupiter.api.Test;

/** The production image contains no version of a library that the list of known vulnerabilities names. */
class VulnerabilitiesTest {

    private static final Path LIST = Path.of("../.ci/vulnerabilities.tsv");
    private static final String RELOCATED = "org.apache.pinot.shaded.com.fasterxml.jackson.";

    private record Vulnerability(String id, String artifact, String versions, String accepted) {

        static Vulnerability parse(String line) {
            String[] columns = line.split("\t", -1);
            assertThat(columns.length).as(line).isBetween(3, 4);
            return new Vulnerability(columns[0], columns[1], columns[2], columns.length == 4 ? columns[3] : "");
        }

        boolean affects(String version) {
            try {
                return VersionRange.createFromVersionSpec(versions)
                        .containsVersion(new DefaultArtifactVersion(version));
            } catch (InvalidVersionSpecificationException e) {
                throw new AssertionError(this + " has no range of versions", e);
            }
        }
    }

    private static List<Vulnerability> list() throws IOException {
        return Files.readAllLines(LIST).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Vulnerability::parse)
                .toList();
    }

    private static List<String> found(Map<String, String> versions, boolean accepted) throws IOException {
        return list().stream()
                .filter(vulnerability -> accepted || vulnerability.accepted().isEmpty())
                .filter(vulnerability -> versions.containsKey(vulnerability.artifact()))
                .filter(vulnerability -> vulnerability.affects(versions.get(vulnerability.artifact())))
                .map(vulnerability -> vulnerability.artifact() + " " + versions.get(vulnerability.artifact()) + " has "
                        + vulnerability.id())
                .toList();
    }

    /** Versions by group and name: of the jars of this test's class path, and of the classes that were relocated. */
    private static Map<String, String> used() throws ReflectiveOperationException {
        Map<String, String> used = new HashMap<>();
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(jar -> Path.of(jar).toAbsolutePath())
                .filter(jar -> jar.toString().endsWith(".jar"))
                .forEach(jar -> {
                    // .../repository/org/group/name/version/name-version.jar
                    Path name = jar.getParent().getParent();
                    String path = name.getParent().toString().replace(File.separatorChar, '.');
                    String group = path.substring(path.indexOf(".repository.") + ".repository.".length());
                    used.put(
                            group + ":" + name.getFileName(),
                            jar.getParent().getFileName().toString());
                });
        used.put("relocated:jackson-core", relocated("core.json.PackageVersion"));
        used.put("relocated:jackson-databind", relocated("databind.cfg.PackageVersion"));
        return used;
    }

    private static String relocated(String type) throws ReflectiveOperationException {
        return Class.forName(RELOCATED + type).getField("VERSION").get(null).toString();
    }

    @Test
    void nothingThatIsUsedHasAKnownVulnerability() throws Exception {
        Map<String, String> used = used();

        assertThat(used).containsKeys("org.apache.kafka:kafka-clients", "org.eclipse.jetty:jetty-server");
        assertThat(found(used, false)).isEmpty();
    }

    @Test
    void theListFindsVersionsThatAreKnownToBeVulnerable() throws Exception {
        Map<String, String> old = Map.of(
                "org.apache.avro:avro", "1.12.0",
                "org.eclipse.jetty:jetty-http", "12.1.10",
                "org.apache.kafka:kafka-clients", "4.1.1",
                "org.yaml:snakeyaml", "2.0");

        assertThat(found(old, false))
                .containsExactlyInAnyOrder(
                        "org.apache.avro:avro 1.12.0 has CVE-2025-33042",
                        "org.apache.kafka:kafka-clients 4.1.1 has CVE-2026-35554",
                        "org.eclipse.jetty:jetty-http 12.1.10 has CVE-2026-19203");
    }

    @Test
    void aVulnerabilityIsAcceptedOnlyWhileItIsThere() throws Exception {
        List<String> all = found(used(), true);

        assertThat(list().stream()
                        .filter(vulnerability -> !vulnerability.accepted().isEmpty()))
                .allSatisfy(accepted -> assertThat(all).anyMatch(found -> found.endsWith(" has " + accepted.id())));
    }

    @Test
    void eachLineIsAboutAnArtifactWithAnId() throws Exception {
        assertThat(list()).hasSizeGreaterThan(40).allSatisfy(vulnerability -> {
            assertThat(vulnerability.id()).matches("(CVE-\\d{4}-\\d{4,}|GHSA(-[a-z0-9]{4}){3})");
            assertThat(Arrays.asList(vulnerability.artifact().split(":"))).hasSize(2);
        });
    }
}

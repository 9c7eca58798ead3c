package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The table of packages in CONTRIBUTING.md is the rule: what a package may depend on, and that there is no other
 * package.
 */
class PackagesTest {

    private static final Path ROOT = Path.of("..");
    private static final String BASE = "io.understudy.";
    private static final Pattern ROW = Pattern.compile("\\| `([a-z.]+)` \\| ([\\w/-]+) \\| .* \\| (.*) \\| (\\d+) \\|");
    private static final Pattern LAYER = Pattern.compile("\\| (\\d) [a-z]+ \\| (.*) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z./-]+)`");

    /** Lines are told in hundreds, and may be off by this part before the table must be brought up to date. */
    private static final double TOLERANCE = 0.2;

    private static JavaClasses classes;
    private static Map<String, Row> table;
    private static Map<String, Integer> layers;

    /** One row of the table. */
    private record Row(String module, Set<String> mayDependOn, int lines) {}

    @BeforeAll
    static void read() throws IOException {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.understudy");
        table = new LinkedHashMap<>();
        layers = new HashMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("CONTRIBUTING.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                table.put(row.group(1), new Row(row.group(2), names(row.group(3)), Integer.parseInt(row.group(4))));
            }
            Matcher layer = LAYER.matcher(line);
            if (layer.matches()) {
                names(layer.group(2)).forEach(name -> layers.put(name, Integer.parseInt(layer.group(1))));
            }
        }
    }

    private static Set<String> names(String cell) {
        Matcher name = NAME.matcher(cell);
        Set<String> names = new TreeSet<>();
        while (name.find()) {
            names.add(name.group(1));
        }
        return names;
    }

    @Test
    void thereIsNoPackageThatTheTableDoesNotHave() {
        Set<String> packages = classes.stream().map(PackagesTest::packageOf).collect(Collectors.toSet());
        assertThat(table.keySet()).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void aPackageUsesWhatTheTableSaysAndNothingElse() {
        Map<String, Set<String>> used = new LinkedHashMap<>();
        table.keySet().forEach(name -> used.put(name, new TreeSet<>()));
        for (JavaClass one : classes) {
            one.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(BASE))
                    .map(PackagesTest::packageOf)
                    .filter(name -> !name.equals(packageOf(one)))
                    .forEach(used.get(packageOf(one))::add);
        }
        Map<String, Set<String>> allowed = new LinkedHashMap<>();
        table.forEach((name, row) -> allowed.put(name, row.mayDependOn()));
        assertThat(used).isEqualTo(allowed);
    }

    @Test
    void noPackageUsesOneOnAHigherLayer() {
        for (Map.Entry<String, Row> entry : table.entrySet()) {
            for (String used : entry.getValue().mayDependOn()) {
                assertThat(layer(used))
                        .as("layer of %s, which %s uses", used, entry.getKey())
                        .isLessThanOrEqualTo(layer(entry.getKey()));
            }
        }
    }

    /** The layer of the package itself, or of its module. */
    private static int layer(String name) {
        String outermost = name.split("\\.", -1)[0];
        return layers.containsKey(outermost)
                ? layers.get(outermost)
                : layers.get(table.get(name).module());
    }

    @Test
    void thePackagesOfCoreAndStreamsAppAreNullMarked() throws ClassNotFoundException {
        for (Map.Entry<String, Row> entry : table.entrySet()) {
            if (Set.of("core", "streams-app").contains(entry.getValue().module())) {
                Class<?> packageInfo = Class.forName(BASE + entry.getKey() + ".package-info");
                assertThat(packageInfo).as(entry.getKey()).hasAnnotation(NullMarked.class);
            }
        }
    }

    @Test
    void packagesFormNoCircle() {
        SlicesRuleDefinition.slices()
                .matching("io.understudy.(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void theClassesOfAPackageFormNoCircle() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new TopLevelClasses())
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    /**
     * A slice for each top-level class that is written by hand; Avro generates records that know each other's builders.
     */
    private static final class TopLevelClasses implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            JavaClass outermost = javaClass;
            while (outermost.getEnclosingClass().isPresent()) {
                outermost = outermost.getEnclosingClass().get();
            }
            return packageOf(outermost).equals("schema")
                    ? SliceIdentifier.ignore()
                    : SliceIdentifier.of(outermost.getName());
        }

        @Override
        public String getDescription() {
            return "top-level classes";
        }
    }

    @Test
    void theTableTellsHowLargePackagesAre() throws IOException {
        for (Map.Entry<String, Row> entry : table.entrySet()) {
            Path directory = ROOT.resolve(entry.getValue().module())
                    .resolve("src/main/java/io/understudy")
                    .resolve(entry.getKey().replace('.', '/'));
            assertThat((double) lines(directory))
                    .as("lines of %s", entry.getKey())
                    .isCloseTo(entry.getValue().lines(), within(Math.max(100, TOLERANCE * lines(directory))));
        }
    }

    private static long lines(Path directory) throws IOException {
        long lines = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                lines += Files.readAllLines(file).size();
            }
        }
        return lines;
    }

    private static String packageOf(JavaClass javaClass) {
        String name = javaClass.getPackageName();
        return Arrays.stream(name.split("\\.", -1)).skip(2).collect(Collectors.joining("."));
    }
}

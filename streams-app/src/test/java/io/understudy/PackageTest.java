package io.understudy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
class PackageTest {

    private static final String[] CORE = {
        "io.understudy.assignment..",
        "io.understudy.rollout..",
        "io.understudy.spec..",
        "io.understudy.statistics..",
        "io.understudy.evidence..",
        "io.understudy.simulation..",
        "io.understudy.analysis.."
    };

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.understudy");

    @Test
    void thePureCoreKnowsNothingOfKafkaOrTheRegistry() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "io.confluent..")
                .check(CLASSES);
    }

    @Test
    void thePureCoreKnowsNothingOfWhatIsAroundIt() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.understudy.routing..",
                        "io.understudy.control..",
                        "io.understudy.evaluation..",
                        "io.understudy.streams..",
                        "io.understudy.scoring..",
                        "io.understudy.wire..",
                        "io.understudy.registry..",
                        "io.understudy.topics..",
                        "io.understudy.metrics..",
                        "io.understudy.http..",
                        "io.understudy.console..",
                        "io.understudy.notification..",
                        "io.understudy.runtime..",
                        "io.understudy.cli..")
                .check(CLASSES);
    }

    @Test
    void rolesDoNotKnowOneAnother() {
        List<String> roles = List.of("routing", "scoring", "control", "evaluation");
        for (String role : roles) {
            noClasses()
                    .that()
                    .resideInAPackage("io.understudy." + role + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(roles.stream()
                            .filter(other -> !other.equals(role))
                            .map(other -> "io.understudy." + other + "..")
                            .toArray(String[]::new))
                    .check(CLASSES);
        }
    }

    @Test
    void rolesDoNotKnowWhoWatchesThem() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.understudy.routing..",
                        "io.understudy.scoring..",
                        "io.understudy.control..",
                        "io.understudy.evaluation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.understudy.console..", "io.understudy.notification..", "io.understudy.http..")
                .check(CLASSES);
    }

    @Test
    void statisticsKnowNothingOfMetricsAndRecords() {
        noClasses()
                .that()
                .resideInAPackage("io.understudy.statistics..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.understudy.evidence..", "io.understudy.rollout..", "io.understudy.schema..")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCircle() {
        SlicesRuleDefinition.slices()
                .matching("io.understudy.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }
}

package io.understudy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
class PackageTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.understudy");

    @Test
    void thePureCoreKnowsNothingOfKafkaOrTheRegistry() {
        noClasses()
                .that()
                .resideInAnyPackage("io.understudy.assignment..", "io.understudy.rollout..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "io.confluent..")
                .check(CLASSES);
    }

    @Test
    void thePureCoreKnowsNothingOfWhatIsAroundIt() {
        noClasses()
                .that()
                .resideInAnyPackage("io.understudy.assignment..", "io.understudy.rollout..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.understudy.routing..",
                        "io.understudy.control..",
                        "io.understudy.scoring..",
                        "io.understudy.wire..",
                        "io.understudy.registry..",
                        "io.understudy.topics..",
                        "io.understudy.metrics..",
                        "io.understudy.runtime..",
                        "io.understudy.cli..")
                .check(CLASSES);
    }

    @Test
    void rolesDoNotKnowOneAnother() {
        noClasses()
                .that()
                .resideInAPackage("io.understudy.routing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.understudy.scoring..", "io.understudy.control..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.understudy.scoring..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.understudy.routing..", "io.understudy.control..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.understudy.control..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.understudy.routing..", "io.understudy.scoring..")
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

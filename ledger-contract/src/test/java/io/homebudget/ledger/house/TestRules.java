package io.homebudget.ledger.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What holds for the tests of every module. */
public final class TestRules {

    @ArchTest
    public static final ArchRule NAMES_THAT_THE_BUILD_RUNS = classes()
            .that(DescribedPredicate.describe("have tests and can be run", TestRules::runs))
            .should()
            .haveSimpleNameEndingWith("Test")
            .orShould()
            .haveSimpleNameEndingWith("IT")
            .because(
                    "the build runs *Test (no infrastructure) and *IT (real PostgreSQL, Kafka) and silently leaves out every"
                            + " other name: rename the class, or make it abstract and call it a contract")
            .allowEmptyShould(true);

    @ArchTest
    public static final ArchRule TESTS_WITH_INFRASTRUCTURE_ARE_ITS = noClasses()
            .that()
            .haveSimpleNameEndingWith("Test")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.zonky.test.db.postgres..", "kafka.server..")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleName("PostgresServer")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleName("KafkaBroker")
            .because("a *Test starts nothing and takes milliseconds: rename it to *IT, so that it runs after packaging")
            .allowEmptyShould(true);

    @ArchTest
    public static final ArchRule NO_TEST_SLEEPS = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .because(
                    "a pause is too short on a slow machine and too long on a fast one: wait for a condition with a limit,"
                            + " with Awaitility")
            .allowEmptyShould(true);

    private TestRules() {}

    private static boolean runs(JavaClass type) {
        return type.isTopLevelClass()
                && !type.isInterface()
                && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                && (type.getAllMethods().stream().anyMatch(TestRules::isTest)
                        || type.isAnnotatedWith("com.tngtech.archunit.junit.AnalyzeClasses"));
    }

    private static boolean isTest(JavaMethod method) {
        return method.isAnnotatedWith("org.junit.jupiter.api.Test")
                || method.isAnnotatedWith("org.junit.jupiter.params.ParameterizedTest")
                || method.isAnnotatedWith("net.jqwik.api.Property")
                || method.isAnnotatedWith("net.jqwik.api.Example");
    }
}

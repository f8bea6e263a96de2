package io.homebudget.ledger.storage.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.homebudget.ledger.house.HouseRules;
import io.homebudget.ledger.house.ServiceRules;

@AnalyzeClasses(packages = "io.homebudget.ledger.storage", importOptions = ImportOption.DoNotIncludeTests.class)
class StorageArchitectureTest {
    private static final String STORAGE = "io.homebudget.ledger.storage.";
    private static final String[] ENGINE = {
        STORAGE + "routing..",
        STORAGE + "restoring..",
        STORAGE + "store..",
        STORAGE + "journal..",
        STORAGE + "json..",
        STORAGE + "postgres..",
        STORAGE + "following..",
        STORAGE + "outbox..",
        STORAGE + "repair..",
        STORAGE + "export..",
        STORAGE + "shadow.."
    };

    @ArchTest
    static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule STORAGE_KNOWS_NO_SERVICE = ServiceRules.knowsNoOtherService("");

    @ArchTest
    static final ArchRule THE_ENGINE_IS_FREE_OF_HTTP_AND_INJECTION = noClasses()
            .that()
            .resideInAnyPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta.ws.rs..",
                    "jakarta.inject..",
                    "jakarta.enterprise..",
                    "io.quarkus..",
                    "io.smallrye.config..")
            .because(
                    "the engine also runs in tests and tools without a container: take plain values in the constructor, and"
                            + " leave HTTP to api and internalapi, beans and settings to wiring");

    @ArchTest
    static final ArchRule THE_ENGINE_KNOWS_NOTHING_OF_WHAT_SERVES_IT = noClasses()
            .that()
            .resideInAnyPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    STORAGE + "api..",
                    STORAGE + "access..",
                    STORAGE + "flags..",
                    STORAGE + "internalapi..",
                    STORAGE + "wiring..")
            .because("arrows point one way: hand what is needed in as an interface that wiring implements");

    @ArchTest
    static final ArchRule THE_CONTRACT_OF_STORES_KNOWS_NO_STORE = noClasses()
            .that()
            .resideInAPackage(STORAGE + "store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    STORAGE + "json..",
                    STORAGE + "postgres..",
                    STORAGE + "journal..",
                    STORAGE + "routing..",
                    STORAGE + "restoring..",
                    "io.vertx..")
            .because(
                    "both stores and every decorator stand behind LedgerStore: what only one of them has stays in its package");

    @ArchTest
    static final ArchRule NOBODY_SLEEPS_ON_A_SHARED_THREAD = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(STORAGE + "outbox.Publisher")
            .and()
            .doNotHaveFullyQualifiedName(STORAGE + "json.Start")
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class, int.class)
            .because(
                    "only the publisher, on its own thread, and the opening of the files, before anything is served, may sleep:"
                            + " elsewhere use a delayed Uni or a scheduled task");
}

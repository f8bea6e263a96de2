package io.homebudget.ledger.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What holds for the production code of every module. A module's architecture test takes these in and adds its own. */
public final class HouseRules {

    @ArchTest
    public static final ArchRule NOTHING_WAITS_FOR_A_UNI = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.smallrye.mutiny.groups.UniAwait")
            .because(
                    "await() on an event loop stops every request of that loop: return the Uni, chain on it, or, on a worker"
                            + " thread that is named as such, subscribe as a completion stage with a limit");

    @ArchTest
    public static final ArchRule NO_FIELD_INJECTION = noFields()
            .should()
            .beAnnotatedWith("jakarta.inject.Inject")
            .orShould()
            .beAnnotatedWith("org.eclipse.microprofile.config.inject.ConfigProperty")
            .because("an injected field cannot be final nor set in a test: take it as a constructor parameter")
            .allowEmptyShould(true);

    @ArchTest
    public static final ArchRule ONE_LOGGER = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging..")
            .because("levels and formats are set for JBoss Logging: use org.jboss.logging.Logger");

    @ArchTest
    public static final ArchRule NOTHING_IS_PRINTED = noClasses()
            .that()
            .resideOutsideOfPackage("..breakglass..")
            .should(ACCESS_STANDARD_STREAMS)
            .because(
                    "what is printed has no level, no time and no place: use org.jboss.logging.Logger; only the break-glass"
                            + " programs, which a person runs at a terminal, print");

    @ArchTest
    public static final ArchRule PACKAGES_SAY_WHAT_THEY_DO = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..", "..utils..", "..common..", "..helper..", "..helpers..", "..manager..", "..impl..")
            .because("such a name takes in everything: name the package for its job, as in journal, routing, gates");

    private HouseRules() {}
}

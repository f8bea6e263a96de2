package io.homebudget.migration.architecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.homebudget.ledger.house.HouseRules;
import io.homebudget.ledger.house.ServiceRules;

@AnalyzeClasses(packages = "io.homebudget.migration", importOptions = ImportOption.DoNotIncludeTests.class)
class MigrationArchitectureTest {

    @ArchTest
    static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule ALONE = ServiceRules.knowsNoOtherService("migration");

    @ArchTest
    static final ArchRule OUTSIDE_THE_STORES = ServiceRules.reachesLedgersByTheirApiOnly();
}
